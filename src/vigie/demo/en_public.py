"""What the English-speaking press, professionals, the company, the field and sellers write; all invented."""

PRESS: dict[str, list[str]] = {
    "sujet": [
        "shortages",
        "access to care",
        "the price of refills",
        "patient follow-up",
        "online pharmacies",
        "video visits",
        "screening",
    ],
    "media_qui": [
        "A pharmacists' group",
        "A charity",
        "The regional agency",
        "A nurses' union",
        "A member of parliament",
        "The regulator",
        "A team in {ville}",
    ],
    "millions": ["12", "18", "24", "35", "40", "56", "70", "110"],
    "presse_titre": [
        "{lab} to [invest|spend|commit] {millions} million [in|near] {ville}",
        "{p}: {n} [regions|counties|states] [hit|under strain|on rations]",
        "[Feature|Analysis|Explainer]: {sujet} [from the counter|as the bills come in|seen from a small town]",
        "[Medicines|Pharmacy|Treatment]: [what changes|what to know|fact and fiction] about {p}",
        "{lab} [hires|opens a research hub|sells a plant|names a new chief|posts results] [in {ville}|in Europe|this quarter]",
        "{maladie_t}: [a study|a trial|a cohort] [shakes|confirms|nuances] [what we knew|current practice]",
        "{sujet_t}: [patients|carers|councillors] [speak up|lose patience|want answers]",
        "[Interview|Profile|Opinion]: “[You can't see it|It took {n} years to be heard|Care starts with listening]”",
    ],
    "sujet_t": ["Shortages", "Care deserts", "Drug prices", "Copays", "Screening"],
    "presse": [
        "[Sources say|According to an internal note|On site], [the {p} file|the question of {sujet}|the {lab} plan] [moves on|is stuck|divides opinion] [since autumn|behind the scenes]",
        "“[We do what we can|There's no choice|Never seen this|Keep calm]”, [says|sighs|confides] [a pharmacist in {ville}|a wholesaler|a GP on call]",
        "[Reached|Asked|Contacted] {quand}, {lab} [declined to comment|spoke of a passing incident|pointed to its statement|promised a return to normal]",
        "[For|Among] {groupe}, [the wait is for|the call is for] [figures|a calendar|a meeting|clarity] [before winter|within {n} weeks]",
        "{media_qui} [wants|proposes|has published] [a stock report|a round table|a guide|a map] [by month end|in {ville}]",
        "[The {ville} plant|The line at {ville}] [runs day and night|employs {n} hundred people|restarted {quand}|awaits approval], [managers say|unions say]",
        "[In {annee}|Years ago|Last year] [the same question|a similar episode] [kept|surprised] [pharmacies|parliament|the region] [busy for {n} months|until spring]",
        "[Sales of|Scripts for|Demand for] {p} [rose|fell|moved] {millions_p} [in a year|in the third quarter|in the west]",
        "[Specialists|Learned societies|Several GPs] [recall|insist|advise]: [regular checks|no self-medication|talk to a pharmacist], [above all in winter|at any age]",
    ],
    "millions_p": ["3%", "4.5%", "7%", "9%", "11%", "1.8%"],
    "maladie_t": ["Thyroid", "Asthma", "Hypothyroidism", "COPD"],
    "depeche_titre": [
        "{p} new formula: {lab} answers patients' fears",
        "Dizziness reports over reformulated {p}, agency looks into it",
    ],
    "depeche": [
        "A change in the formula of {p} last September has prompted ten days of questions on patient boards in France. {lab} says the active ingredient is the same and only one excipient was replaced. The medicines agency is following reports and asks patients not to stop treatment on their own.",
        "Thousands of posts relay accounts of dizziness blamed on the new formula of {p}. No link is established at this stage, safety centres point out. The company, based in eastern France, will open a helpline on Monday and publish stability data.",
    ],
}

PRO: dict[str, list[str]] = {
    "pro": [
        "[Counter question|Case of the day|Seen {quand}]: [substitution|overlapping scripts|adherence|storage] of {p}, [your practice|how do you do it]?",
        "[In our pharmacy|On my ward|In clinic] we [log|note|flag] [every switch|each question|feedback] on {p} [for {n} weeks|in a shared sheet]",
        "[Training|Webinar|Workshop] by {lab} on {p} {quand}: [clear and useful|too promotional|nice slides, thin data|rich exchange], [again please|sharing my notes|pity]",
        "[Supply|Allocation|Shortage] of {p} {dose} {lieu}: [wholesaler silent|quotas cut|{n} packs for the week], [and yours|hang in there teams]",
        "[Reminder|Good practice|Note to self]: [check TSH|check inhaler technique|reread the whole script] {n} weeks after [any change of|starting|adjusting] {p}",
        "[Hiring|We're looking for|Open role]: [a pharmacy tech|a pharmacist|a research nurse] {lieu}, [great team|permanent|housing possible]",
        "[Proud|Happy|Delighted] to [present|share|publish] [our poster|our study|our results] on {maladie} [in {ville}|with {n} centres|after {n} years of work]",
        "A patient asked {quand} whether {p} [goes with milk|is being withdrawn|comes as drops|is covered abroad]: [good question|had to look it up|answer below]",
    ],
    "pro_calme": [
        "[Before blaming|Before panic over|Without playing it down] {p}, [check levels|retake the history|look for other causes], and [report everything|please report|nobody stops alone]",
        "[{n} patients|{n} calls|a queue] {quand} about the [new formula|new box]: [listen, report, reassure|noting all of it|no confirmed case here]",
        "[Excipients|Bioequivalence|Narrow index]: [a thread|plain words|three wrong ideas] on {p} {lien}",
    ],
    "lien": ["👇", "⬇️", "(1/{d})", "🧵", "below", "on my blog"],
}

OWN: dict[str, list[str]] = {
    "blog_titre": [
        "[Reading|Understanding|Decoding] [a leaflet|a label], [with our pharmacists|step by step|in {n} points]",
        "[Travelling|Moving|Hiking] with your treatment: [the list of {n} things|our tips]",
        "[A day with|Words from] a [patient|pharmacist|chemist|carer]: {maladie} [every day|and sport|at school]",
        "[Our commitments|Inside the plant|Openness]: [{n} questions, {n} answers|the figures]",
    ],
    "blog": [
        "[This week|In {ville}|In this post], [our teams|our nurses|two chemists|a patient expert] [tell|explain|show] [how to store medicines|why timing matters|what happens in the plant|how a box travels]",
        "[{n} hundred of you|Many of you|Readers] [asked about|wondered about] [storing {p}|expiry dates|taking {p} {heure}|stocks of {p}]",
        "[The diary|The video|The podcast|The sheet] [is online|is free to order|comes in large print], [happy reading|tell us all|ideas welcome] {gai}",
        "[Reminder|Important]: [an unexpected effect|a doubt] [should be reported|is worth reporting], [to your doctor|to your pharmacist|on the official portal]",
        "[The team|All of us|The editors] [thank you|are listening|will see you] [{quand_futur}|in {ville}|in the comments]",
    ],
}

FIELD: dict[str, list[str]] = {
    "domaine": [
        "{vivre}: [a manual|nobody warns you|an obstacle course|my {n} tips]",
        "[why|how come] [nobody talks|school never talks|we hear so little] about {maladie}? {colere}",
        "{maladie} [diagnosed|discovered|confirmed] {quand}, [digesting|not sinking in|head exploding|glad it has a name]",
        "[read|heard|watched] {quand} [a book|a podcast|a show|a thread] on {maladie}: [recommended|full of clichés|I cried|learned a lot]",
        "{gene} [is back|starts again|follows me] [with the cold|at work|when I stress|every Monday], [how do you cope|tips|{colere}]",
        "[yoga|a long walk|aqua aerobics|choir] {quand} [despite {gene}|for {maladie}|with {groupe}], {joie}",
        "[sick leave|part time|working from home|adjustments] and {maladie}: [boss said yes|HR drags|what rights?|who managed?]",
        "{gens} [also has|just learned about|lives with] {maladie}, we [swap tips|laugh about it|drink tea]",
        "{examen} {quand}: [results tomorrow|bruised arm|all fine|redo], [hate it|{joie}|nervous]",
        "[{groupe}|the library|the council] [hosts|needs volunteers for|opens] [a meet-up|a stall|a drop-in] {lieu} {quand_futur}",
        "[people staring|the remarks|“but you look fine”] [when you have|with] {maladie}, {colere}",
        "[pollution|pollen|freezing fog|a cold snap] {lieu}: [{gene} guaranteed|stay warm|windows shut|take care]",
        "[good news|small win|proud moment]: [{n} km|a full night|{n} floors|a great interview] despite {gene}, {joie}",
    ],
    "bavardage": [
        "[anyone watching|did you see] [the match|that show|the eclipse|the snow] {quand}? [off topic|I'll see myself out]",
        "[happy birthday|welcome|get well] to [all newbies|{gens}|our mod] {gai}",
        "[the cat|the dog|my tortoise] is asleep on [my scripts|the keyboard|the labs] {gai}",
        "[thanks mod|site bug|photo won't load|lost my notifications], [you too|since {quand}|fixed]?",
        "[coffee|tea|hot chocolate] {quand} {lieu}, [who's in|good day all|earned it]",
    ],
    "video": [
        "thanks for [the video|the drawing|explaining {p}|the humour], [clear at last|shared with {gens}|better than class] {gai}",
        "[at {d}:{age}|near the end|minute {n}] [you say {p} goes {heure}|you mention {p}], [sure|source|{doc} says the opposite]?",
        "[first|second] time commenting, [the bit on {p}|your voice|how you explain {maladie}] [helped|is great|cracked me up]",
        "[do a video|can you talk|an episode] on [{p} and sport|{q}|shortages|the price of {p}] pls {gai}",
        "[another ad for|how much did {lab} pay for|sponsored by] {p} [or what|lol|admit it] {pensif}",
        "[who's here|how many of us] [after the shortage|because of {p}|without {p}] {triste}",
        "[lol|lmao|dead at] the [counter|pharmacist|edit|cat] at the end {gai}",
        "[showed|showing] this to [my class|colleagues|{doc}|gran], [everyone got it|{joie}|debate on]",
    ],
    "spam": [
        "[PROMO|FLASH SALE|{d}0% OFF|LAST UNITS] [capsules|tea|supplement|patches] [fat burner|detox|total energy|all natural] [click now|link in bio|code SUN{d}0|ships in {d}h] {d}{d}",
        "[earn|make|cash in] ${d}00 [a day|a week|from home] [free sign-up|dm me|text +1 555 01{d}{d}] 🔥🔥",
        "[Stop pills|Throw your meds away|They don't want you to know]! [The root|The plant|The seaweed|The bracelet] that [replaces it all|heals {maladie}|cures in {n} days] 👉 [bit-{d}.example|link in bio|dm]",
        "[follow back|like for like] 👇👇 [we are {d}00|live {heure}|giveaway {quand}] [#fyp #viral|#win|#follow]",
    ],
}
