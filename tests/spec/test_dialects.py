"""Queries written for other products: a chapter of the query manual.

Each row: their query, and what it is here; or the code of the refusal, and the place that is marked.
"""

import re
from pathlib import Path

import pytest

from vigie.match import QueryError, parse
from vigie.match.dialects import parse_dialect, write

BRANDWATCH = [
    ('"mal de tête"', '"mal de tête"'),
    ("apple AND juice", "apple AND juice"),
    ("apple OR orange", "apple OR orange"),
    ("apple NOT orange", "apple AND NOT orange"),
    ("apple AND NOT orange", "apple AND NOT orange"),
    ("(apple OR orange) AND juice", "(apple OR orange) AND juice"),
    ('"apple juice"~5', "apple NEAR/5 juice"),
    ("apple NEAR/5 juice", "apple NEAR/5 juice"),
    ("apple NEAR/5f juice", "apple NEAR/5f juice"),
    ("(apple OR pear) NEAR/3 (juice OR cider)", "(apple OR pear) NEAR/3 (juice OR cider)"),
    ("((apple OR pear) AND (juice OR cider))~5", "(apple OR pear) NEAR/5 (juice OR cider)"),
    ("complain*", "complain*"),
    ("colo?r", "colo?r"),
    ("title:apple", "title:apple"),
    ('title:"apple juice"', 'title:"apple juice"'),
    ("<<<fruits>>> apple OR orange", "apple OR orange"),
    ("{BT}", "{BT}"),
    ('raw:"BT"', "{BT}"),
    ("raw:BT AND telecom", "{BT} AND telecom"),
    ("apple AND country:gbr", "apple AND country:gb"),
    ("apple AND language:en", "apple AND language:en"),
    ("apple AND sentiment:negative", "apple AND tone:negative"),
    ("apple NOT sentiment:positive", "apple AND NOT tone:positive"),
    ("site:bbc.co.uk", "site:bbc.co.uk"),
    ("author:stephenfry", "author:stephenfry"),
    ("authorVerified:true AND apple", "authorVerified:true AND apple"),
    ("authorFollowers:[500 TO 100000] AND apple", "authorFollowers:[500 TO 100000] AND apple"),
    ("engagementType:COMMENT AND apple", "engagementType:reply AND apple"),
    ("engagementType:REPLY", "engagementType:reply"),
    ("engagementType:RETWEET", "engagementType:repost"),
    ("engagementType:QUOTE", "engagementType:quote"),
    ("engagingWith:brandwatch", "engagingWith:brandwatch"),
    ("rating:3", "rating:[3 TO 3]"),
    ("rating:[3 TO 5]", "rating:[3 TO 5]"),
    ("minuteOfDay:[1110 TO 1140] AND apple", "minuteOfDay:[1110 TO 1140] AND apple"),
    ("topLevelDomain:fr AND apple", "site:fr AND apple"),
    ("hashtags:apple", "#apple"),
    ("at_mentions:apple", "@apple"),
    ("#apple OR @apple", "#apple OR @apple"),
    ("apple AND 😡", "apple AND 😡"),
    ('"5 %" OR "10 €"', '"5 %" OR "10 €"'),
    ("fièvre OR fievre", "fièvre OR fievre"),
    ('"wendy\'s" OR "wendy s"', '"wendy s" OR "wendy s"'),
    ("apple AND continent:europe", "apple AND continent:europe"),
    ("apple AND region:usa.fl", "apple AND region:usa.fl"),
    ('apple AND city:"deu.berlin.berlin"', "apple AND city:deu.berlin.berlin"),
    ("apple AND latitude:[48 TO 49]", "apple AND latitude:[48 TO 49]"),
    ("apple AND longitude:[2 TO 3]", "apple AND longitude:[2 TO 3]"),
    ("apple AND authorGender:F", "apple AND authorGender:f"),
    ("apple AND authorVerifiedType:blue", "apple AND authorVerifiedType:blue"),
    ("apple AND imageType:image", "apple AND imageType:image"),
    ("apple AND publisherSubType:VIDEO", "apple AND publisherSubType:video"),
    ("apple AND sensitiveContent:true", "apple AND sensitiveContent:true"),
    ("apple AND subreddit:science", "apple AND subreddit:science"),
    ("apple AND redditSpoiler:true", "apple AND redditSpoiler:true"),
    ("apple AND subredditNSFW:true", "apple AND subredditNSFW:true"),
    ("apple AND channelId:42", "apple AND channelId:42"),
    ("apple AND blogName:tech", "apple AND blogName:tech"),
    ("apple AND guid:42", "apple AND guid:42"),
    ("apple AND weblogTitle:tech", "apple AND weblogTitle:tech"),
    ("apple AND pubType:blog", "apple AND pubType:blog"),
    ('links:"example.com/page"', 'links:"example com page"'),
    ('url:"msn.com/news"', 'url:"msn com news"'),
    ('title:(apple OR "orange juice")', 'title:apple OR title:"orange juice"'),
    ("apple~5 OR pear", "apple OR pear"),
    ("(Christmas OR Xmas) NEAR/0f (“Mince Pie” OR Pudding)", '(christmas OR xmas) NEAR/0f ("mince pie" OR pudding)'),
    (
        '((Christmas OR Xmas) NEAR/2 (gift OR present)) NEAR/2 (wife OR "girl friend")',
        '((christmas OR xmas) NEAR/2 (gift OR present)) NEAR/2 (wife OR "girl friend")',
    ),
    ("logitech NEAR/2f keyboard", "logitech NEAR/2f keyboard"),
    ("apple AND itemReview:phone", "apple AND itemReview:phone"),
    (
        "apple AND redditAuthorFlair:fan AND redditPostFlair:news",
        "apple AND redditAuthorFlair:fan AND redditPostFlair:news",
    ),
    ("apple AND parentPostId:1 AND rootPostId:2", "apple AND parentPostId:1 AND rootPostId:2"),
    ("apple AND tags:phone AND brandIds:7 AND objects:3902", "apple AND tags:phone AND brandIds:7 AND objects:3902"),
    ("apple AND engagingWithGuid:42", "apple AND engagingWithGuid:42"),
    ("apple AND NOT url:msn.com", 'apple AND NOT url:"msn com"'),
    ("(apple AND juice) OR (apple AND sauce)", "(apple AND juice) OR (apple AND sauce)"),
    ("((apple OR orange) NEAR/5 (smartphone OR phone))", "(apple OR orange) NEAR/5 (smartphone OR phone)"),
    ("((apple OR orange) AND (smartphone OR phone))~5", "(apple OR orange) NEAR/5 (smartphone OR phone)"),
    ("customi?e", "customi?e"),
    ("Nino NOT niño", "nino AND NOT niño"),
    ('continent:europe AND "apple juice"', 'continent:europe AND "apple juice"'),
    ("latitude:[41 TO 44]AND longitude:[-73 TO -69]", "latitude:[41 TO 44] AND longitude:[-73 TO -69]"),
    ('site:twitter.com AND "apple juice"', 'site:twitter.com AND "apple juice"'),
    ("site:www.bbc.co.uk", "site:bbc.co.uk"),
    ('channelId:"141273439246434" AND "summer"', "channelId:141273439246434 AND summer"),
    ("authorGender:M AND apple", "authorGender:m AND apple"),
    (
        "authorVerifiedType:business OR authorVerifiedType:government",
        "authorVerifiedType:business OR authorVerifiedType:government",
    ),
    ("publisherSubType:IMAGE", "publisherSubType:image"),
    ('publication:"MSN UK" AND apple', 'publication:"msn uk" AND apple'),
    ("parentBlogName:comedycentral", "parentBlogName:comedycentral"),
    ("rootBlogName:comedycentral", "rootBlogName:comedycentral"),
    ("parentPostId:129596930020 OR rootPostId:129596930020", "parentPostId:129596930020 OR rootPostId:129596930020"),
    ("brandIds:12 AND brandIds:14", "brandIds:12 AND brandIds:14"),
    (
        "guid:857284431631011841 OR guid:1277374998_1015572792854",
        "guid:857284431631011841 OR guid:1277374998_1015572792854",
    ),
    ("engagingWithGuid:857284431631011841", "engagingWithGuid:857284431631011841"),
    ('itemReview:"Xbox One" AND site:"amazon.com"', 'itemReview:"xbox one" AND site:amazon.com'),
    ("pubType:MY_MENTIONS", "pubType:my_mentions"),
    ("redditAuthorFlair:PhD OR redditPostFlair:Advice", "redditAuthorFlair:phd OR redditPostFlair:advice"),
    ("subredditTopics:“Food & Recipes”", 'subredditTopics:"food & recipes"'),
    ("topLevelDomain:com OR topLevelDomain:org", "site:com OR site:org"),
    ("#MondayMotivation OR @brandwatch", "#mondaymotivation OR @brandwatch"),
    (
        '"apple: juice" OR "apple | juice" OR "apple/juice" OR "apple juice!"',
        '"apple juice" OR "apple juice" OR "apple juice" OR "apple juice"',
    ),
    ("why? OR what!", "why? OR what"),
]

TALKWALKER = [
    ("BMW AND bike", "bmw AND bike"),
    ("BMW AND NOT bike", "bmw AND NOT bike"),
    ("apple NOT juice", "apple AND NOT juice"),
    ("chocolate -swiss", "chocolate AND NOT swiss"),
    ("BMW -site:”mysite.com”", "bmw AND NOT site:mysite.com"),
    ("BMW OR bike", "bmw OR bike"),
    ("“BMW series”", '"bmw series"'),
    ("Luxembourg site:”http://www.wort.lu”", "luxembourg AND site:wort.lu"),
    ('BlackBerry AND (site:"www.cnet.com" OR site:"bild.de")', "blackberry AND (site:cnet.com OR site:bild.de)"),
    ("BMW AND (motorcycle OR car)", "bmw AND (motorcycle OR car)"),
    ("Luxemb*", "luxemb*"),
    ("wom?n", "wom?n"),
    ("roam~1", "roam~1"),
    ("doliprane~2", "doliprane~2"),
    ("roam~0", "roam"),
    ("car-sharing~", '"car sharing" OR carsharing'),
    ("apple AND -juice", "apple AND NOT juice"),
    ('apple AND -"orange juice"', 'apple AND NOT "orange juice"'),
    ("apple AND -(orange OR pear)", "apple AND NOT (orange OR pear)"),
    ('"apple juice"~5', "(apple NEAR/5f juice) OR (juice NEAR/3f apple)"),
    ('"apple juice"~1', "apple NEAR/1f juice"),
    ('"apple"~5', "apple"),
    ("cat dog", "(cat NEAR/10f dog) OR (dog NEAR/8f cat)"),
    ("ABC", "{ABC}"),
    ('+"@username"', "@username"),
    ('++"BT" AND telecom', "{BT} AND telecom"),
    ('++"Apple Watch"', '"{Apple} {Watch}"'),
    ("apple NEAR/4 juice", "apple NEAR/4 juice"),
    ("apple ONEAR/4 juice", "apple NEAR/4f juice"),
    ("(apple OR pear) NEAR/4 juice", "(apple OR pear) NEAR/4 juice"),
    ('domain_url:"lemonde.fr" AND apple', "site:lemonde.fr AND apple"),
    ("cats AND lang:en", "cats AND language:en"),
    ("title:apple", "title:apple"),
    ("#apple OR @apple", "#apple OR @apple"),
    ("author:marie", "author:marie"),
    ("fièvre OR fievre", "fièvre OR fievre"),
]

MELTWATER = [
    ("Apple AND watch", "apple AND watch"),
    ("Apple OR iPhone", "apple OR iphone"),
    ("Apple NOT “apple juice”", 'apple AND NOT "apple juice"'),
    ("Apple NEAR watch", "apple NEAR/4 watch"),
    ("Apple NEAR/10 watch", "apple NEAR/10 watch"),
    ("Apple AND (watch OR iWatch)", "apple AND (watch OR iwatch)"),
    ("Apple ONEAR watch", "apple NEAR/4f watch"),
    ("Apple ONEAR/10 watch", "apple NEAR/10f watch"),
    ("(”Golden State Warriors” OR “GSW”) AND basketball", '("golden state warriors" OR gsw) AND basketball'),
    ('("sailboat" or "boat") AND "racing"', "(sailboat OR boat) AND racing"),
    ("shop* NEAR center*", "shop* NEAR/4 center*"),
    ("President NEAR/100 Trump", "president NEAR/100 trump"),
    ('DC OR "D.C."', 'dc OR "d c"'),
    (
        'apple AND (watch OR iwatch OR iphone)^9 NOT ("apple sauce" OR "apple juice" OR "apple orchard*")',
        'apple AND (watch OR iwatch OR iphone) AND NOT ("apple sauce" OR "apple juice" OR "apple orchard*")',
    ),
    ("apple^10 OR pear^9", "apple OR pear"),
    ('"apple juice"^5', '"apple juice"'),
    ("apple and juice", "apple AND juice"),
    ("apple OR pear AND juice", "apple OR (pear AND juice)"),
    ("apple AND juice OR pear", "(apple AND juice) OR pear"),
    ("apple OR pear NOT juice", "apple OR (pear AND NOT juice)"),
    ("(apple OR pear AND juice) AND plum", "(apple OR (pear AND juice)) AND plum"),
    ("a OR b AND c OR d AND NOT e", "a OR (b AND c) OR (d AND NOT e)"),
    ("(apple near/3 juice) or pear", "(apple NEAR/3 juice) OR pear"),
    ("apple Near/3 juice", "apple NEAR/3 juice"),
    ("title:apple", "title:apple"),
    ('title:"apple juice" AND pear', 'title:"apple juice" AND pear'),
    ("title:(apple OR pear AND plum)", "title:apple OR (title:pear AND title:plum)"),
    ("apple OR (pear OR plum)", "apple OR pear OR plum"),
]

X = [
    ('pepsi OR cola OR "coca cola"', 'pepsi OR cola OR "coca cola"'),
    ("(😃 OR 😡) 😬", "(😃 OR 😡) AND 😬"),
    ('("X API" OR #v2) -"filtered stream"', '("x api" OR #v2) AND NOT "filtered stream"'),
    ('"social media"~5', "(social NEAR/5f media) OR (media NEAR/3f social)"),
    ('"social media"~5 OR "API"~3', "(social NEAR/5f media) OR (media NEAR/3f social) OR api"),
    ('"social media"~1 tool', "(social NEAR/1f media) AND tool"),
    ("#thankunext #fanart", "#thankunext AND #fanart"),
    ("(@XDevelopers OR @api) -@x", "(@xdevelopers OR @api) AND NOT @x"),
    ("$twtr OR @XDevelopers -$fb", '"$ twtr" OR (@xdevelopers AND NOT "$ fb")'),
    ("from:XDevelopers OR from:api", "author:xdevelopers OR author:api"),
    ("to:XDevelopers", "engagementType:reply AND engagingWith:xdevelopers"),
    (
        "to:XDevelopers OR to:api",
        "(engagementType:reply AND engagingWith:xdevelopers) OR (engagementType:reply AND engagingWith:api)",
    ),
    ("retweets_of:XDevelopers", "engagementType:repost AND engagingWith:xdevelopers"),
    ('url:"https://developer.x.com"', 'links:"https developer x com"'),
    ("url:google", "links:google"),
    ("snow day #NoSchool", "snow AND day AND #noschool"),
    ("grumpy OR cat OR #meme", "grumpy OR cat OR #meme"),
    ("cat #meme -grumpy", "cat AND #meme AND NOT grumpy"),
    ("(grumpy cat) OR (#meme lang:fr)", "(grumpy AND cat) OR (#meme AND language:fr)"),
    ("apple OR iphone ipad", "apple OR (iphone AND ipad)"),
    ("apple ipad OR iphone", "(apple AND ipad) OR iphone"),
    ("(iphone ipad) OR apple", "(iphone AND ipad) OR apple"),
    ("skiing -snow -day -noschool", "skiing AND NOT snow AND NOT day AND NOT noschool"),
    ("-apple juice", "NOT apple AND juice"),
    ("apple -(orange OR pear)", "apple AND NOT (orange OR pear)"),
    ('"X data" has:links', '"x data" AND (links:http OR links:https)'),
    ("apple -has:links", "apple AND NOT (links:http OR links:https)"),
    ("from:ansm is:retweet", "author:ansm AND engagementType:repost"),
    ("apple -is:retweet", "apple AND NOT engagementType:repost"),
    ("#nowplaying is:reply", "#nowplaying AND engagementType:reply"),
    ("#nowplaying is:quote", "#nowplaying AND engagementType:quote"),
    ("#nowplaying is:verified", "#nowplaying AND authorVerified:true"),
    ("recommend #paris lang:en", "recommend AND #paris AND language:en"),
    ("followers_count:500 apple", "authorFollowers:[500 TO *] AND apple"),
    ("followers_count:1000..10000 apple", "authorFollowers:[1000 TO 10000] AND apple"),
    (
        "apple bounding_box:[-105.301758 39.964069 -105.178505 40.09455]",
        "apple AND longitude:[-105.301758 TO -105.178505] AND latitude:[39.964069 TO 40.09455]",
    ),
    ("Diacrítica OR #cumpleaños", "diacritica OR #cumpleanos"),
    ('"#Love #Snow"', '"love snow"'),
    ('"and" OR "or"', "and OR or"),
    ('"quel effet ?" doliprane', '"quel effet" AND doliprane'),
    ("👍🏽 apple", "👍🏽 AND apple"),
]

REFUSALS = [
    ("brandwatch", "apple OR pear AND juice", "query.mixed", "OR pear AND"),
    ("brandwatch", "apple AND pear OR juice", "query.mixed", "AND pear OR"),
    ("brandwatch", "apple OR pear NOT juice", "query.mixed", "OR pear NOT"),
    ("brandwatch", "apple AND space:forum", "query.dialect", "space"),
    ("brandwatch", "network:forum AND apple", "query.dialect", "network"),
    ("brandwatch", "tone:negative AND apple", "query.dialect", "tone"),
    ("brandwatch", "auteur:bob AND apple", "query.field", "auteur"),
    ("brandwatch", "NOT apple", "query.only_not", "NOT apple"),
    ("brandwatch", "*apple", "query.leading_star", "*apple"),
    ("brandwatch", "#*x", "query.leading_star", "#*x"),
    ("brandwatch", 'author:"stephen fry"', "query.field_form", 'author:"stephen fry"'),
    ("brandwatch", "site:(facebook.com OR instagram.com)", "query.field_value", "site:"),
    ("brandwatch", 'itemReview:("Xbox One")', "query.field_value", "itemReview:"),
    ("brandwatch", "apple | juice", "query.not_yet", "|"),
    ("brandwatch", "?pple", "query.leading_star", "?pple"),
    ("brandwatch", "apple AND a*", "query.prefix_short", "a*"),
    ("brandwatch", "apple NEAR/5", "query.operand", "NEAR/5"),
    ("brandwatch", "apple NEAR/-1 juice", "query.near_number", "NEAR/-1"),
    ("brandwatch", "apple NEAR/1.5 juice", "query.near_number", "NEAR/1.5"),
    ("brandwatch", "apple NEAR~5 juice", "query.near_number", "NEAR~5"),
    ("brandwatch", "apple ~5", "query.tilde", "~"),
    ("brandwatch", "apple~ 5", "query.tilde", "~"),
    ("brandwatch", '"apple~1 juice"', "query.dialect", "apple~1"),
    ("brandwatch", "raw:Google+ AND news", "query.dialect_signs", "raw:Google+"),
    ("brandwatch", "site :bbc.co.uk", "query.colon", ":"),
    ("brandwatch", "rating:[5 TO 3]", "query.range_backwards", "rating:[5 TO 3]"),
    ("brandwatch", "minuteOfDay:[0 TO 2000]", "query.range_limits", "minuteOfDay:[0 TO 2000]"),
    ("brandwatch", "apple AND latitude:[91 TO 92]", "query.range_limits", "latitude:[91 TO 92]"),
    ("brandwatch", "apple AND authorGender:X", "query.one_of", "authorGender:X"),
    ("brandwatch", "author:bob*", "query.author_star", "author:bob*"),
    ("brandwatch", "apple <<<never ends", "query.comment", "<<<"),
    ("talkwalker", "apple AND app*le", "query.dialect", "app*le"),
    ("talkwalker", "apple NEAR/-1 juice", "query.near_number", "NEAR/-1"),
    ("talkwalker", "apple ONEAR/1.5 juice", "query.near_number", "ONEAR/1.5"),
    ("talkwalker", "apple AND sharing~", "query.dialect_parts", "sharing~"),
    ("talkwalker", 'apple AND host_url:"blog.lemonde.fr"', "query.dialect", "host_url"),
    ("talkwalker", "apple AND published:>1500000000", "query.dialect", "published"),
    ("talkwalker", 'apple AND site:"lemonde.fr/sante"', "query.dialect", 'site:"lemonde.fr/sante"'),
    (
        "talkwalker",
        'BlackBerry site:"www.cnet.com" site:"bild.de"',
        "query.side_by_side",
        'site:"www.cnet.com" site:"bild.de"',
    ),
    ("talkwalker", "apple AND pear OR juice", "query.mixed", "AND pear OR"),
    ("talkwalker", "cat dog AND mouse", "query.side_by_side", "cat dog"),
    ("talkwalker", "cat dog mouse bird", "query.dialect_moves", "cat dog mouse bird"),
    ("talkwalker", '"cat dog mouse"~5', "query.dialect_moves", '"cat dog mouse"~5'),
    ("talkwalker", " _", "query.no_word", "_"),
    ("talkwalker", "p&t", "query.dialect_signs", "p&t"),
    ("talkwalker", '+"p&t" OR poste', "query.dialect_signs", '+"p&t"'),
    ("talkwalker", "apple SENTENCE juice", "query.dialect", "SENTENCE"),
    ("talkwalker", "apple AND {BT}", "query.dialect", "{"),
    ("talkwalker", "-apple", "query.only_not", "-apple"),
    ("meltwater", "apple NEAR/-1 juice", "query.near_number", "NEAR/-1"),
    ("meltwater", "apple near/1.5 juice", "query.near_number", "near/1.5"),
    ("meltwater", "ingress:apple", "query.dialect", "ingress"),
    ("meltwater", '"apple juice"~5', "query.dialect", '"apple juice"~5'),
    ("meltwater", "(apple AND juice)~5", "query.dialect", "~5"),
    ("meltwater", "apple~1", "query.dialect", "apple~1"),
    ("meltwater", "pear AND apple/5", "query.dialect", "apple/5"),
    ("meltwater", "apple watch", "query.side_by_side", "apple watch"),
    ("meltwater", "(apple) (watch)", "query.side_by_side", ") ("),
    ("meltwater", "apple NEAR juice AND pear", "query.mixed", "NEAR juice AND"),
    ("meltwater", "apple near/3 juice OR pear", "query.mixed", "near/3 juice OR"),
    ("meltwater", "apple OR not pear", "query.only_not", "apple OR not pear"),
    ("meltwater", "apple OR pear AND", "query.operand", "AND"),
    ("meltwater", "apple OR (pear AND juice", "query.bracket_open", "("),
    ("meltwater", "apple AND D*C*", "query.prefix_short", "D*C*"),
    ("meltwater", "apple ^9", "query.not_yet", "^"),
    ("x", "apple has:media", "query.dialect", "has:media"),
    ("x", "apple is:nullcast", "query.dialect", "is:nullcast"),
    ("x", "apple point_radius:[2.355128 48.861118 16km]", "query.dialect", "point_radius"),
    ("x", "apple context:10.799022225751871488", "query.dialect", "context"),
    ("x", 'entity:"Michael Jordan"', "query.dialect", "entity"),
    ("x", "place_country:FR apple", "query.dialect", "place_country"),
    ("x", "conversation_id:1334987486343299072", "query.dialect", "conversation_id"),
    ("x", "list:123 apple", "query.dialect", "list"),
    ("x", 'bio:"phd candidate"', "query.dialect", "bio"),
    ("x", "url_title:snow", "query.dialect", "url_title"),
    ("x", "sample:10 apple", "query.dialect", "sample"),
    ("x", "from:2244994945", "query.dialect", "from:2244994945"),
    ("x", "from:jean.dupont", "query.field_form", "from:jean.dupont"),
    ("x", '"apple juice"~9', "query.near_far", '"apple juice"~9'),
    ("x", '"a b c"~3', "query.dialect_moves", '"a b c"~3'),
    ("x", "followers_count:lots", "query.range", "followers_count:lots"),
    ("x", "followers_count:9..5", "query.range_backwards", "followers_count:9..5"),
    ("x", "apple bounding_box:[1 2 3]", "query.range", "bounding_box:[1 2 3]"),
    ("x", "vaccin* apple", "query.dialect", "*"),
    ("x", 'apple "vaccin* ok"', "query.dialect", "*"),
    ("x", "apple roam~1", "query.dialect", "~1"),
    ("x", "apple colo?r", "query.dialect", "?"),
    ("x", "apple {BT}", "query.dialect", "{"),
    ("x", "apple AND juice", "query.dialect_word", "AND"),
    ("x", "apple NEAR/5 juice", "query.dialect_word", "NEAR/5"),
    ("x", "apple NEAR/-1 juice", "query.dialect_word", "NEAR/-1"),
    ("x", "apple or juice", "query.dialect_word", "or"),
    ("x", "-apple", "query.only_not", "-apple"),
    ("x", "apple OR -pear", "query.only_not", "apple OR -pear"),
    ("x", "apple OR", "query.operand", "OR"),
    ("x", "from: apple", "query.field_value", "from:"),
]

WARNINGS = [
    ("brandwatch", "apple~5", "query.near_single", "apple~5"),
    ("brandwatch", "apple near juice", "query.operator_word", "near"),
    ("brandwatch", "C++", "query.signs_dropped", "C++"),
    ("brandwatch", '"apple | juice"', "query.signs_dropped", "|"),
    ("brandwatch", "why? OR what!", "query.end_mark", "why?"),
    ("brandwatch", 'publication:"MSN UK"', "query.no_data", 'publication:"MSN UK"'),
    ("meltwater", "“C++ programming”", "query.signs_dropped", "C++"),
    ("x", "#pain C#", "query.signs_dropped", "C#"),
    ("brandwatch", "apple AND continent:europe", "query.no_data", "continent:europe"),
    ("talkwalker", "ABC", "query.simple_capitals", "ABC"),
    ("talkwalker", "cat dog", "query.simple_near", "cat dog"),
    ("talkwalker", 'Luxembourg site:"wort.lu"', "query.implicit_and", 'Luxembourg site:"wort.lu"'),
    ("meltwater", "apple^9 OR pear", "query.weight", "^9"),
    ("meltwater", "apple OR pear AND juice", "query.precedence", "pear AND juice"),
    ("x", "apple OR pear juice", "query.precedence", "pear juice"),
    ("x", "fièvre", "query.accents_off", "fièvre"),
    ("x", '"API"~3', "query.near_single", '"API"~3'),
]

UNWARNED = [
    ("x", "pharmacy near me"),
    ("x", "“#Love #Snow, really?”"),
    ("meltwater", "apple near juice"),
]
"""Product, and a query of which there is nothing to say."""

OUT = [
    ("brandwatch", "apple AND tone:negative", "apple AND sentiment:negative"),
    ("brandwatch", "doliprane AND country:fr", "doliprane AND country:fra"),
    ("brandwatch", "country:gb OR country:us OR country:de", "country:gbr OR country:usa OR country:deu"),
    ("brandwatch", "(a OR b) NEAR/3f c", "(a OR b) NEAR/3f c"),
    ("brandwatch", "(a NEAR/3 b) AND c", "(a NEAR/3 b) AND c"),
    ("brandwatch", '"a b c"~5 AND d', "(a AND b AND c)~5 AND d"),
    ("brandwatch", "engagementType:repost AND {BT}", "engagementType:RETWEET AND {BT}"),
    ("brandwatch", "site:fr AND a", "topLevelDomain:fr AND a"),
    ("brandwatch", 'title:"a b" OR (c AND NOT d)', 'title:"a b" OR (c AND NOT d)'),
    ("brandwatch", "a AND url:b.fr", 'a AND url:"b fr"'),
    ("brandwatch", "fièvre AND authorFollowers:[5 TO 9]", "fièvre AND authorFollowers:[5 TO 9]"),
    ("x", "doliprane AND (mal OR douleur) AND NOT rhume", "doliprane (mal OR douleur) -rhume"),
    ("x", "doliprane AND NOT rhume AND NOT toux", "doliprane -rhume -toux"),
    ("x", "(a AND b) OR c", "(a b) OR c"),
    ("x", "author:ansm AND language:fr", "from:ansm lang:fr"),
    ("x", "engagementType:repost AND a AND authorFollowers:[5 TO 9]", "is:retweet a followers_count:5..9"),
    ("x", "authorFollowers:[5 TO *] AND a", "followers_count:5 a"),
    ("x", "engagementType:reply AND engagingWith:ansm", "to:ansm"),
    ("x", "(social NEAR/5f media) OR (media NEAR/3f social)", '"social media"~5'),
    ("x", "and AND or", '"and" "or"'),
    ("x", '#mal AND "mal de dos" AND "$ aapl"', '#mal "mal de dos" $aapl'),
    ("x", 'a AND links:"b fr"', 'a url:"b fr"'),
    ("x", "😡 AND a", "😡 a"),
]
"""Product, our query, what is written: read again, it is our query."""

OUT_ONLY = [
    ("brandwatch", "a AND authorFollowers:[5 TO *]", "a AND authorFollowers:[5 TO 2000000000]"),
    ("brandwatch", "a AND rating:[3 TO *]", "a AND rating:[3 TO 5]"),
    ("x", "a NEAR/5 b", '"a b"~5 OR "b a"~5'),
    ("x", "a NEAR/0f b", '"a b"'),
    ("x", "(a NEAR/5 b) AND c", '("a b"~5 OR "b a"~5) c'),
    ("x", "(a OR b) NEAR/1f c", '"a c"~1 OR "b c"~1'),
    ("x", "network:x AND a", "a"),
    ("x", "a AND NOT (b OR c)", "a -b -c"),
    ("x", "fièvre", "fièvre"),
    ("x", "a AND authorVerified:false", "a -is:verified"),
]
"""The same, where what is written reads as another query that finds the same posts of that product."""

NOT_OUT = [
    ("brandwatch", "apple AND who:patient", "who:patient"),
    ("x", "apple AND tone:negative", "tone:negative"),
    ("brandwatch", "doliprane~1 AND a", "doliprane~1"),
    ("brandwatch", '"doliprane~1 fort" AND a', "doliprane~1"),
    ("brandwatch", "a AND space:forum", "space:forum"),
    ("brandwatch", "a AND spacekind:owned", "spacekind:owned"),
    ("brandwatch", "a AND list:amis", "list:amis"),
    ("brandwatch", "a AND network:forum", "network:forum"),
    ("brandwatch", "a AND NOT url:b", "url:b"),
    ("brandwatch", "a AND language:und", "language:und"),
    ("brandwatch", "author:jean.dupont", "author:jean.dupont"),
    ("brandwatch", "title:(a NEAR/2 b)", "NEAR/2"),
    ("x", "dolip* AND a", "dolip*"),
    ("x", "doliprane~1 AND a", "doliprane~1"),
    ("x", "{BT} AND a", "{BT}"),
    ("x", "(a NEAR/9 b) AND c", "NEAR/9"),
    ("x", "(a NEAR/2f b) AND c", "NEAR/2f"),
    ("x", '("a b" NEAR/2 c) AND d', "NEAR/2"),
    ("x", '"a b c"~3', '"a b c"~3'),
    ("x", "a AND title:b", "title:b"),
    ("x", "a AND url:b", "url:b"),
    ("x", "a AND site:b.fr", "site:b.fr"),
    ("x", "a AND country:fr", "country:fr"),
    ("x", "a AND spacekind:owned", "spacekind:owned"),
    ("x", "a AND engagingWith:b", "engagingWith:b"),
    ("x", 'a AND "#b c"', '"#b c"'),
    ("x", "a AND €", "€"),
    ("x", "a AND author:jean.dupont", "author:jean.dupont"),
]
"""Product, our query, what of it is refused."""

ROWS = [
    (name, theirs, ours)
    for name, rows in (("brandwatch", BRANDWATCH), ("talkwalker", TALKWALKER), ("meltwater", MELTWATER), ("x", X))
    for theirs, ours in rows
]


@pytest.mark.parametrize(("dialect", "theirs", "ours"), ROWS)
def test_query_of_another_product_means_the_same_here(dialect: str, theirs: str, ours: str) -> None:
    read = parse_dialect(theirs, dialect)
    assert str(read) == ours
    assert parse(ours).root == read.root


@pytest.mark.parametrize(("dialect", "theirs", "code", "marked"), REFUSALS)
def test_what_has_no_exact_meaning_is_refused_where_it_stands(
    dialect: str, theirs: str, code: str, marked: str
) -> None:
    with pytest.raises(QueryError) as refused:
        parse_dialect(theirs, dialect)
    assert (refused.value.code, theirs[refused.value.start : refused.value.end]) == (code, marked)


@pytest.mark.parametrize(("dialect", "theirs", "code", "marked"), WARNINGS)
def test_what_may_not_be_meant_is_warned_about_where_it_stands(
    dialect: str, theirs: str, code: str, marked: str
) -> None:
    found = parse_dialect(theirs, dialect).warnings
    assert (code, marked) in [(one.code, theirs[one.start : one.end]) for one in found]


@pytest.mark.parametrize(("dialect", "theirs"), UNWARNED)
def test_what_is_plain_in_another_product_is_not_warned_about(dialect: str, theirs: str) -> None:
    assert parse_dialect(theirs, dialect).warnings == ()


@pytest.mark.parametrize(("dialect", "ours", "theirs"), OUT)
def test_query_is_written_for_another_product_and_read_again(dialect: str, ours: str, theirs: str) -> None:
    assert write(parse(ours), dialect).text == theirs
    assert parse_dialect(theirs, dialect).root == parse(ours).root


@pytest.mark.parametrize(("dialect", "ours", "theirs"), OUT_ONLY)
def test_query_is_written_for_another_product(dialect: str, ours: str, theirs: str) -> None:
    assert write(parse(ours), dialect).text == theirs
    parse_dialect(theirs, dialect)


@pytest.mark.parametrize(("dialect", "ours", "marked"), NOT_OUT)
def test_what_another_product_cannot_say_is_refused_where_it_stands(dialect: str, ours: str, marked: str) -> None:
    with pytest.raises(QueryError) as refused:
        write(parse(ours), dialect)
    error = refused.value
    assert (error.code, ours[error.start : error.end]) == ("query.dialect_out", marked)


def test_query_that_x_takes_only_beside_others_is_refused() -> None:
    with pytest.raises(QueryError) as refused:
        write(parse("engagementType:repost AND language:fr"), "x")
    assert refused.value.code == "query.x_alone"


@pytest.mark.parametrize(
    ("dialect", "ours", "code"),
    [
        ("x", " OR ".join(["doliprane"] * 60), "query.x_limit"),
        ("x", "fièvre", "query.accents_there"),
        ("brandwatch", "a AND url:b.fr", "query.signs_there"),
        ("brandwatch", "a AND links:b", "query.links_there"),
    ],
)
def test_what_another_product_does_otherwise_is_warned_about(dialect: str, ours: str, code: str) -> None:
    assert [one.code for one in write(parse(ours), dialect).warnings] == [code]


@pytest.mark.parametrize(("rows", "least"), [(BRANDWATCH, 60), (TALKWALKER, 25), (MELTWATER, 20), (X, 30)])
def test_each_product_is_shown_by_its_own_examples(rows: list[tuple[str, str]], least: int) -> None:
    assert len({theirs for theirs, _ in rows}) >= least


MANUAL = Path(__file__).parents[2] / "docs" / "how-to" / "bring-your-queries.md"


def _manual() -> list[tuple[str, str, str]]:
    """Return the rows of the how-to: product, their query, what the how-to says of it."""
    sections = re.split(r"^### (\w+)\n", MANUAL.read_text("utf-8"), flags=re.MULTILINE)[1:]
    pairs = zip(sections[::2], sections[1::2], strict=True)
    return [
        (name.lower(), *row)
        for name, text in pairs
        for row in re.findall(r"^\| `(.+?)` \| (.+) \|$", text, re.MULTILINE)
    ]


@pytest.mark.parametrize(("dialect", "theirs", "said"), _manual())
def test_how_to_says_what_is(dialect: str, theirs: str, said: str) -> None:
    try:
        found = f"`{parse_dialect(theirs, dialect)}`"
    except QueryError as error:
        found = f"refused: `{error.code}`"
    assert found == said


def test_how_to_shows_every_product() -> None:
    assert {name for name, _, _ in _manual()} == {"brandwatch", "talkwalker", "meltwater", "x"}
