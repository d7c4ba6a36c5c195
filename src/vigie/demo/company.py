"""The invented company: brands, spaces, watches, people. None exists; addresses end in .example or .test."""

from dataclasses import dataclass

from vigie.schema.vocab import Network, Ownership, Purpose, Role, SpaceKind


@dataclass(frozen=True, slots=True)
class DemoBrand:
    """A brand of ours, or a competitor."""

    name: str
    is_ours: bool


@dataclass(frozen=True, slots=True)
class DemoSpace:
    """A place where the story is told."""

    name: str
    title: str
    network: str
    share: float
    """Of all posts."""
    french: float
    """Of its posts."""
    care: float
    """How well people type there, 0-1."""
    ownership: str = Ownership.EXTERNAL.value
    brand: str | None = None
    kind: str = SpaceKind.IMPORT.value
    address: str = ""

    @property
    def origin(self) -> str:
        """Return the host that holds its posts."""
        return f"{self.name}.example"


@dataclass(frozen=True, slots=True)
class DemoWatch:
    """A standing query of the company."""

    name: str
    expression: str
    purpose: str
    brand: str
    subject: str | None


@dataclass(frozen=True, slots=True)
class DemoUser:
    """Somebody who logs in; no brand means all."""

    name: str
    email: str
    role: str
    brands: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Company:
    """All that is set up before the first post."""

    brands: tuple[DemoBrand, ...]
    spaces: tuple[DemoSpace, ...]
    watches: tuple[DemoWatch, ...]
    users: tuple[DemoUser, ...]


SERELIUM, RESPIVAL, KALMYDOR, ORSELAN = "Sérélium", "Respival", "Kalmydor", "Orselan"
"""Products: two of the laboratory's, one of each competitor."""

VAUBRUN, ATELIER, KALMEDIS, ORSENNE = "Laboratoire Vaubrun", "Vaubrun Souffle", "Kalmédis", "Orsenne Pharma"

SPACES = (
    DemoSpace("thyroide-entraide", "Thyroïde-Entraide", Network.FORUM.value, 0.24, 0.95, 0.35),
    DemoSpace("souffle-forum", "Le forum du souffle", Network.FORUM.value, 0.10, 0.9, 0.4),
    DemoSpace("mastodon-sante", "Santé sur Mastodon", Network.MASTODON.value, 0.14, 0.6, 0.55),
    DemoSpace("bluesky-patients", "Patients sur Bluesky", Network.BLUESKY.value, 0.18, 0.5, 0.45),
    DemoSpace("avis-medicaments", "Avis sur les médicaments", Network.REVIEW.value, 0.10, 0.65, 0.5),
    DemoSpace("video-pharmacie", "Pharmacie expliquée, commentaires", Network.YOUTUBE.value, 0.10, 0.7, 0.2),
    DemoSpace("presse-sante", "Presse de santé", Network.PRESS.value, 0.06, 0.75, 1.0),
    DemoSpace("reddit-thyroid", "r/thyroid", Network.REDDIT.value, 0.05, 0.05, 0.5),
    DemoSpace(
        "blog-vaubrun", "Le blog de Vaubrun", Network.BLOG.value, 0.03, 0.8, 0.9, Ownership.OWNED.value, VAUBRUN
    ),
)  # fmt: skip
"""Nine spaces on eight kinds of network."""


def company() -> Company:
    """Return the company of the story."""
    return Company(
        brands=(
            DemoBrand(VAUBRUN, is_ours=True), DemoBrand(ATELIER, is_ours=True),
            DemoBrand(KALMEDIS, is_ours=False), DemoBrand(ORSENNE, is_ours=False),
        ),
        spaces=SPACES,
        watches=(
            DemoWatch("Sérélium", "serelium OR serelyum", Purpose.PRODUCT.value, VAUBRUN, VAUBRUN),
            DemoWatch("Sérélium nouvelle formule", 'serelium AND ("nouvelle formule" OR "new formula" OR "formule changée" OR excipient)', Purpose.CRISIS.value, VAUBRUN, VAUBRUN),
            DemoWatch("Laboratoire Vaubrun", "vaubrun", Purpose.BRAND.value, VAUBRUN, VAUBRUN),
            DemoWatch("Respival", "respival", Purpose.PRODUCT.value, ATELIER, ATELIER),
            DemoWatch("Kalmédis", "kalmedis OR kalmydor", Purpose.COMPETITOR.value, VAUBRUN, KALMEDIS),
            DemoWatch("Orsenne Pharma", "orsenne OR orselan", Purpose.COMPETITOR.value, VAUBRUN, ORSENNE),
            DemoWatch("Vivre avec la thyroïde", "(thyroid* OR hypothyroid* OR hashimoto) NOT (serelium OR kalmydor OR orselan)", Purpose.FIELD.value, VAUBRUN, None),
        ),
        users=(
            DemoUser("Alix Morvan", "admin@vaubrun.test", Role.ADMINISTRATOR.value),
            DemoUser("Camille Roussel", "communaute@vaubrun.test", Role.COMMUNITY_MANAGER.value, (VAUBRUN, ATELIER)),
            DemoUser("Noé Lambert", "vigilance@vaubrun.test", Role.SAFETY_OFFICER.value),
            DemoUser("Inès Garnier", "lecture@vaubrun.test", Role.READER.value, (VAUBRUN,)),
        ),
    )  # fmt: skip
