"""Closed vocabularies: each value stands in the record, in files and in commands exactly as written here."""

from enum import StrEnum


class SpaceKind(StrEnum):
    """How a space is read."""

    FEED = "feed"
    WORDPRESS = "wordpress"
    IMPORT = "import"


class Ownership(StrEnum):
    """Whose space it is; posts of owned and sponsored spaces are all kept (DESIGN: watch `space:NAME`)."""

    OWNED = "owned"
    SPONSORED = "sponsored"
    EXTERNAL = "external"


class Network(StrEnum):
    """The kind of place a post was written in; the sixteen that exports and feeds name."""

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
    FEED = "feed"
    OTHER = "other"


class Purpose(StrEnum):
    """Why a watch exists."""

    BRAND = "brand"
    PRODUCT = "product"
    COMPETITOR = "competitor"
    FIELD = "field"
    CRISIS = "crisis"


class Tone(StrEnum):
    """Polarity of a post towards what it speaks of; absent when no model has read it."""

    NEGATIVE = "negative"
    NEUTRAL = "neutral"
    POSITIVE = "positive"


class LabelKind(StrEnum):
    """What a model, or a person by a correction, says of a post."""

    LANGUAGE = "language"
    TONE = "tone"


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


UNDETERMINED = "und"
"""Language tag of a text whose language can't be told (BCP 47, ISO 639-2 `und`)."""
