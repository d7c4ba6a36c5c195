"""The words of our closed vocabularies in the reader's language; the glossary decides them."""

from collections.abc import Mapping
from enum import StrEnum

from babel import Locale, UnknownLocaleError
from django.utils.functional import Promise
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from vigie.collect.catalogue import Audience, Reading, Section, Standing, Use
from vigie.collect.registry import sources
from vigie.enrich.health.said import name_of
from vigie.enrich.stories import Tie
from vigie.schema.vocab import (
    EvidenceReason,
    FindingKind,
    Intent,
    Mark,
    NameDecision,
    NameKind,
    NamePurpose,
    Network,
    Ownership,
    Purpose,
    Role,
    SpaceKind,
    SpaceState,
    Speaker,
    Tone,
    WorkState,
)
from vigie.web.formats import language

Words = Mapping[str, str | Promise]

TONES: Words = {Tone.NEGATIVE: _("negative"), Tone.NEUTRAL: _("neutral"), Tone.POSITIVE: _("positive")}
NETWORKS: Words = {
    Network.BLOG: _("blog"),
    Network.FORUM: _("forum"),
    Network.PRESS: _("press"),
    Network.REVIEW: _("reviews"),
    Network.MICROBLOG: _("microblog"),
    Network.MASTODON: "Mastodon",
    Network.BLUESKY: "Bluesky",
    Network.X: "X",
    Network.FACEBOOK: "Facebook",
    Network.INSTAGRAM: "Instagram",
    Network.YOUTUBE: "YouTube",
    Network.TIKTOK: "TikTok",
    Network.LINKEDIN: "LinkedIn",
    Network.REDDIT: "Reddit",
    Network.LEMMY: "Lemmy",
    Network.PEERTUBE: "PeerTube",
    Network.FEED: _("feed"),
    Network.OTHER: _("other network"),
}
TIES: Words = {
    Tie.FIRST: _("others repeat this one"),
    Tie.REPOST: _("a repost"),
    Tie.QUOTE: _("a quote with few words of its own"),
    Tie.NEAR: _("nearly the same words"),
}
FINDING_KINDS: Words = {
    FindingKind.DRUG: pgettext_lazy("finding", "medicine"),
    FindingKind.REACTION: pgettext_lazy("finding", "reaction"),
    FindingKind.CONDITION: pgettext_lazy("finding", "condition"),
    FindingKind.DEVICE: pgettext_lazy("finding", "device"),
    FindingKind.WHO: pgettext_lazy("finding", "who speaks"),
    FindingKind.INTENT: pgettext_lazy("finding", "what for"),
    FindingKind.CATEGORY: pgettext_lazy("finding", "category"),
}
SPEAKERS: Words = {
    Speaker.PATIENT: pgettext_lazy("speaker", "patient"),
    Speaker.RELATIVE: pgettext_lazy("speaker", "relative"),
    Speaker.PROFESSIONAL: pgettext_lazy("speaker", "health professional"),
    Speaker.PRESS: pgettext_lazy("speaker", "press"),
    Speaker.COMPANY: pgettext_lazy("speaker", "company"),
    Speaker.ASSOCIATION: pgettext_lazy("speaker", "association"),
}
INTENTS: Words = {
    Intent.QUESTION: pgettext_lazy("intent", "question"),
    Intent.COMPLAINT: pgettext_lazy("intent", "complaint"),
    Intent.THANKS: pgettext_lazy("intent", "thanks"),
    Intent.HELP: pgettext_lazy("intent", "request for help"),
    Intent.RUMOUR: pgettext_lazy("intent", "rumour"),
    Intent.INSULT: pgettext_lazy("intent", "insult"),
    Intent.RECOMMENDATION: pgettext_lazy("intent", "recommendation"),
    Intent.NEED: pgettext_lazy("intent", "need expressed"),
    Intent.ANNOUNCEMENT: pgettext_lazy("intent", "announcement"),
}
WITHOUT: Words = {
    FindingKind.DRUG: _("no medicine found"),
    FindingKind.REACTION: _("no reaction found"),
    FindingKind.CONDITION: _("no condition found"),
    FindingKind.DEVICE: _("no device found"),
    FindingKind.WHO: _("not known who speaks"),
    FindingKind.INTENT: _("not known what for"),
    FindingKind.CATEGORY: _("in no category"),
}
ROLES: Words = {
    Role.READER: _("reader"),
    Role.COMMUNITY_MANAGER: _("community manager"),
    Role.SAFETY_OFFICER: _("safety officer"),
    Role.ADMINISTRATOR: _("administrator"),
}
PURPOSES: Words = {
    Purpose.BRAND: _("brand"),
    Purpose.PRODUCT: _("product"),
    Purpose.COMPETITOR: _("competitor"),
    Purpose.FIELD: _("field"),
    Purpose.CRISIS: _("crisis"),
}
SPACE_KINDS: Words = {
    SpaceKind.IMPORT: _("imported files"),
    SpaceKind.UNKNOWN: _("way of reading not known yet"),
    SpaceKind.INVENTED: _("invented for the demo"),
}
OWNERSHIPS: Words = {
    Ownership.OWNED: pgettext_lazy("space", "ours"),
    Ownership.SPONSORED: pgettext_lazy("space", "sponsored"),
    Ownership.EXTERNAL: pgettext_lazy("space", "external"),
}
SPACE_STATES: Words = {
    SpaceState.NEW: pgettext_lazy("space", "not read yet"),
    SpaceState.READING: pgettext_lazy("space", "heard"),
    SpaceState.QUIET: pgettext_lazy("space", "quiet, as usual"),
    SpaceState.SILENT: pgettext_lazy("space", "unusually silent"),
    SpaceState.LIMITED: pgettext_lazy("space", "limited"),
    SpaceState.LOGIN: pgettext_lazy("space", "log-in expired"),
    SpaceState.REFUSED: pgettext_lazy("space", "refused"),
    SpaceState.GONE: pgettext_lazy("space", "gone"),
    SpaceState.BROKEN: pgettext_lazy("space", "not understood any more"),
    SpaceState.LOCKED: pgettext_lazy("space", "paused by us"),
}
NAME_KINDS: Words = {
    NameKind.PAGE: pgettext_lazy("name", "page"),
    NameKind.ACCOUNT: pgettext_lazy("name", "account"),
    NameKind.DOMAIN: pgettext_lazy("name", "domain"),
}
NAME_PURPOSES: Words = {
    NamePurpose.ANSWER: pgettext_lazy("purpose of a look at a name", "answer the person"),
    NamePurpose.SAFETY: pgettext_lazy("purpose of a look at a name", "safety follow-up"),
    NamePurpose.MODERATION: pgettext_lazy("purpose of a look at a name", "moderation"),
    NamePurpose.RELATIONS: pgettext_lazy("purpose of a look at a name", "public relations"),
    NamePurpose.RIGHTS: pgettext_lazy("purpose of a look at a name", "the person's own rights"),
    NamePurpose.LEGAL: pgettext_lazy("purpose of a look at a name", "legal claim"),
}
PURPOSE_SENTENCES: Words = {
    NamePurpose.ANSWER: _("Write to them, in public or in private, on what they wrote."),
    NamePurpose.SAFETY: _("Ask them what safety must know of an adverse event that they tell of."),
    NamePurpose.MODERATION: _("Apply the rules of a space of ours: hide, warn, report to the network."),
    NamePurpose.RELATIONS: _("Work with them: a journalist, a creator, an association that speaks in public."),
    NamePurpose.RIGHTS: _("They ask for access to what is kept of them, object to it, or want it erased."),
    NamePurpose.LEGAL: _("Establish, exercise or defend a claim at law."),
}
"""What each purpose covers."""
NAME_DECISIONS: Words = {
    NameDecision.CLAIM: pgettext_lazy("name", "claim it"),
    NameDecision.REPORT: pgettext_lazy("name", "report it"),
    NameDecision.TOLERATE: pgettext_lazy("name", "tolerate it"),
    NameDecision.WATCH: pgettext_lazy("name", "watch it"),
}
EVIDENCE_REASONS: Words = {
    EvidenceReason.OWNED: pgettext_lazy("evidence", "in a space of ours"),
    EvidenceReason.FLAGGED: pgettext_lazy("evidence", "asked for by a person"),
}
SECTIONS: Words = {
    Section.PATIENTS: pgettext_lazy("catalogue", "Patients"),
    Section.PROFESSIONALS: pgettext_lazy("catalogue", "Professionals"),
    Section.SPECIALISED: pgettext_lazy("catalogue", "Reviews, associations, questions"),
    Section.SOURCES: pgettext_lazy("catalogue", "Sources to follow"),
}
USES: Words = {
    Use.PUBLISH: pgettext_lazy("use", "publish"),
    Use.SHARE: pgettext_lazy("use", "share"),
    Use.DISCUSS: pgettext_lazy("use", "discuss"),
    Use.NETWORK: pgettext_lazy("use", "network"),
    Use.MICROBLOG: pgettext_lazy("use", "microblog"),
    Use.LOCATE_RATE: pgettext_lazy("use", "locate and rate"),
    Use.VOTE: pgettext_lazy("use", "vote"),
    Use.LIVE: pgettext_lazy("use", "live"),
}
USE_SENTENCES: Words = {
    Use.PUBLISH: _(
        "Long texts under one name: blogs, press, agencies. What is said there stays and is found by search."
    ),
    Use.SHARE: _("Pictures, videos, slides, experiences, put up for others to see and pass on."),
    Use.DISCUSS: _("Forums and questions: people answer each other at length, on a disease or a drug, for years."),
    Use.NETWORK: _("Profiles that know each other: groups and contacts, mostly behind a log-in."),
    Use.MICROBLOG: _("Short public messages and hashtags: news and rumours are there first."),
    Use.LOCATE_RATE: _("A place, a practitioner, a drug or an app is found, and rated by those who tried it."),
    Use.VOTE: _("The readers' votes decide what others see: what rises is what a crowd agrees with."),
    Use.LIVE: _("Video as it happens, with a chat beside it: little of it is kept."),
}
"""What each use of a network means for who listens."""
AUDIENCES: Words = {
    Audience.PATIENTS: pgettext_lazy("audience", "patients"),
    Audience.RELATIVES: pgettext_lazy("audience", "relatives"),
    Audience.PROFESSIONALS: pgettext_lazy("audience", "professionals"),
    Audience.PUBLIC: pgettext_lazy("audience", "public"),
    Audience.COMPANIES: pgettext_lazy("audience", "companies"),
}
READINGS: Words = {
    Reading.FEED: pgettext_lazy("reading", "feed"),
    Reading.WORDPRESS: "WordPress",
    Reading.MASTODON: "Mastodon",
    Reading.BLUESKY: "Bluesky",
    Reading.DISCOURSE: "Discourse",
    Reading.RECIPE: pgettext_lazy("reading", "recipe"),
    Reading.PAGE: pgettext_lazy("reading", "watched page"),
    Reading.MAIL: pgettext_lazy("reading", "e-mail"),
    Reading.IMPORT: pgettext_lazy("reading", "files"),
    Reading.CLOSED: pgettext_lazy("reading", "closed"),
}
STANDINGS: Words = {
    Standing.ALIVE: pgettext_lazy("network", "alive"),
    Standing.DEAD: pgettext_lazy("network", "gone"),
    Standing.UNKNOWN: pgettext_lazy("network", "not known"),
}
MARKS: Words = {Mark.NOT_ABOUT_US: _("not about us")}
WORK_STATES: Words = {
    WorkState.WAITING: pgettext_lazy("work", "waiting"),
    WorkState.RUNNING: pgettext_lazy("work", "running"),
    WorkState.DONE: pgettext_lazy("work", "done"),
    WorkState.FAILED: pgettext_lazy("work", "failed"),
    WorkState.CANCELLED: pgettext_lazy("work", "cancelled"),
}

BY_NAME: Mapping[str, tuple[type[StrEnum], Words]] = {
    "tone": (Tone, TONES),
    "tie": (Tie, TIES),
    "network": (Network, NETWORKS),
    "role": (Role, ROLES),
    "purpose": (Purpose, PURPOSES),
    "space_kind": (SpaceKind, SPACE_KINDS),
    "ownership": (Ownership, OWNERSHIPS),
    "space_state": (SpaceState, SPACE_STATES),
    "name_kind": (NameKind, NAME_KINDS),
    "name_purpose": (NamePurpose, NAME_PURPOSES),
    "name_decision": (NameDecision, NAME_DECISIONS),
    "evidence_reason": (EvidenceReason, EVIDENCE_REASONS),
    "section": (Section, SECTIONS),
    "use": (Use, USES),
    "audience": (Audience, AUDIENCES),
    "reading": (Reading, READINGS),
    "standing": (Standing, STANDINGS),
    "mark": (Mark, MARKS),
    "work_state": (WorkState, WORK_STATES),
    "finding_kind": (FindingKind, FINDING_KINDS),
}
"""Every vocabulary that pages show, under the name that the filter `word` takes."""


def word(value: str, vocabulary: str) -> str:
    """Return the word for a value; one that is not in the vocabulary stands as it is."""
    if vocabulary == "space_kind" and value in sources():
        return gettext(sources()[value].title)
    return str(BY_NAME[vocabulary][1].get(value, value))


def choices(vocabulary: str) -> list[tuple[str, str]]:
    """Return (value, word) for a form's list."""
    kind, words = BY_NAME[vocabulary]
    return [(value.value, str(words[value])) for value in kind]


def language_name(tag: str) -> str:
    """Return a language's name ("français"); an undetermined one is said to be so."""
    if tag in {"", "und"}:
        return gettext("language not determined")
    try:
        return Locale.parse(tag.replace("-", "_")).get_display_name(language()) or tag
    except (UnknownLocaleError, ValueError):
        return tag


def finding_name(kind: str, value: str) -> str:
    """Return what a value of a finding is called: a word of ours, or the dictionary's as it stands."""
    if kind in (FindingKind.REACTION, FindingKind.CONDITION):
        return name_of(value, language().split("-")[0])
    known: Words = {FindingKind.WHO: SPEAKERS, FindingKind.INTENT: INTENTS}.get(FindingKind(kind), {})
    return str(known.get(value, value))


def finding_kind(kind: str) -> str:
    """Return what a kind of finding is called."""
    return str(FINDING_KINDS[FindingKind(kind)])


FINDING_FLAGS: Words = {
    "negated": pgettext_lazy("finding", "denied"), "hypothetical": pgettext_lazy("finding", "supposed"),
    "past": pgettext_lazy("finding", "of the past"), "of_another": pgettext_lazy("finding", "of somebody else"),
}  # fmt: skip
"""How a finding is said."""


def without_finding(kind: str) -> str:
    """Say that nothing of a kind was found."""
    return str(WITHOUT[FindingKind(kind)])
