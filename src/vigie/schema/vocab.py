"""Closed vocabularies: each value stands in the record, in files and in commands exactly as written here."""

from enum import StrEnum


class SpaceKind(StrEnum):
    """How a space comes by its posts; every other kind is the name of an installed source, which reads it."""

    IMPORT = "import"
    """Files that people bring."""
    UNKNOWN = "unknown"
    """An address of which nobody knows yet how it can be read; it is looked into again by itself."""
    INVENTED = "invented"
    """Figures of the demo company's accounts, which nobody reads anywhere."""


class Ownership(StrEnum):
    """Whose space it is; posts of owned and sponsored spaces are all kept (DESIGN: watch `space:NAME`)."""

    OWNED = "owned"
    SPONSORED = "sponsored"
    EXTERNAL = "external"


class Network(StrEnum):
    """The kind of place a post was written in: those that exports and feeds name, and those that we read."""

    BLOG = "blog"
    FORUM = "forum"
    PRESS = "press"
    REVIEW = "review"
    MICROBLOG = "microblog"
    MASTODON = "mastodon"
    BLUESKY = "bluesky"
    X = "x"
    FACEBOOK = "facebook"
    INSTAGRAM = "instagram"
    YOUTUBE = "youtube"
    TIKTOK = "tiktok"
    LINKEDIN = "linkedin"
    REDDIT = "reddit"
    LEMMY = "lemmy"
    PEERTUBE = "peertube"
    FEED = "feed"
    OTHER = "other"


class Purpose(StrEnum):
    """Why a watch exists."""

    BRAND = "brand"
    PRODUCT = "product"
    COMPETITOR = "competitor"
    FIELD = "field"
    CRISIS = "crisis"


class NamePurpose(StrEnum):
    """Why somebody asks for the clear name of an author; each with its legal ground (docs/explanation/pseudonyms.md)."""

    ANSWER = "answer"
    """Answer the person, in public or by a message."""
    SAFETY = "safety"
    """Ask the person about an adverse event (2001/83/EC article 107; EU 2017/745 article 87)."""
    MODERATION = "moderation"
    """Apply the rules of a space of ours: hide, warn, report."""
    RELATIONS = "relations"
    """Work with somebody who writes in public as a profession: journalist, creator, association."""
    RIGHTS = "rights"
    """Carry out what the person asks for themself: access, objection, erasure (GDPR articles 15, 17 and 21)."""
    LEGAL = "legal"
    """Establish, exercise or defend a legal claim (GDPR article 9(2)(f))."""


class Tone(StrEnum):
    """Polarity of a post towards what it speaks of; absent when no model has read it."""

    NEGATIVE = "negative"
    NEUTRAL = "neutral"
    POSITIVE = "positive"


class LabelKind(StrEnum):
    """What a model, or a person by a correction, says of a post."""

    LANGUAGE = "language"
    TONE = "tone"


class FindingKind(StrEnum):
    """What may be found in a post any number of times, each with its place."""

    DRUG = "drug"
    """A medicine, by a brand's name or by its substance."""
    REACTION = "reaction"
    """What may be an unwanted effect, in anybody's words."""
    CONDITION = "condition"
    """An illness or a state that is there for its own sake, or that a medicine is taken for."""
    DEVICE = "device"
    """A product of the company's own dictionary that is no medicine."""
    WHO = "who"
    """Who speaks, a value of `Speaker`."""
    INTENT = "intent"
    """What they speak for, a value of `Intent`."""
    CATEGORY = "category"
    """A category of the company's own, by its id."""


class Speaker(StrEnum):
    """Who speaks in a post; none where nothing tells it."""

    PATIENT = "patient"
    RELATIVE = "relative"
    PROFESSIONAL = "professional"
    PRESS = "press"
    COMPANY = "company"
    ASSOCIATION = "association"


class Intent(StrEnum):
    """What a post is for; several may hold."""

    QUESTION = "question"
    COMPLAINT = "complaint"
    THANKS = "thanks"
    HELP = "help"
    """Asks for help."""
    RUMOUR = "rumour"
    INSULT = "insult"
    RECOMMENDATION = "recommendation"
    NEED = "need"
    """A need that is expressed."""
    ANNOUNCEMENT = "announcement"


class Mark(StrEnum):
    """What a person says of a mention as a whole."""

    NOT_ABOUT_US = "not_about_us"


class Role(StrEnum):
    """What a user may do within a brand; a safety officer's role spans all brands."""

    READER = "reader"
    COMMUNITY_MANAGER = "community_manager"
    SAFETY_OFFICER = "safety_officer"
    ADMINISTRATOR = "administrator"


class WorkState(StrEnum):
    """Where a piece of work stands; `waiting` until due, `running` under a lease."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class SpaceState(StrEnum):
    """How well a space is heard."""

    NEW = "new"
    """Not read yet."""
    READING = "reading"
    QUIET = "quiet"
    """Nothing came, as usual there at this time."""
    SILENT = "silent"
    """Nothing came where something should have."""
    LIMITED = "limited"
    """It asks to come back later; or it answers with errors that pass."""
    LOGIN = "login"
    """The log-in expired."""
    REFUSED = "refused"
    GONE = "gone"
    BROKEN = "broken"
    """It answers, and our parser does not understand it any more."""
    LOCKED = "locked"
    """We stopped reading it for a while."""


HEARD_STATES = (SpaceState.READING, SpaceState.QUIET)
"""States in which what is written there reaches us."""


class NameKind(StrEnum):
    """What bears a name."""

    PAGE = "page"
    ACCOUNT = "account"
    DOMAIN = "domain"


class NameDecision(StrEnum):
    """What is done about a page, account or domain in our name that is not ours."""

    CLAIM = "claim"
    REPORT = "report"
    TOLERATE = "tolerate"
    WATCH = "watch"


class ProposalState(StrEnum):
    """What became of a proposed space."""

    OPEN = "open"
    TAKEN = "taken"
    DISMISSED = "dismissed"


class EvidenceReason(StrEnum):
    """Why a post is kept as evidence."""

    OWNED = "owned"
    """It stands in a space that we own or sponsor."""
    FLAGGED = "flagged"
    """A person asked for it."""


UNDETERMINED = "und"
"""Language tag of a text whose language can't be told (BCP 47, ISO 639-2 `und`)."""
