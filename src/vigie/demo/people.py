"""Who writes: invented handles, each with a gender, habits and followers that follow from a number alone."""

from dataclasses import dataclass

FIRST_F = (
    "Nolwenn",
    "Lise",
    "Marilou",
    "Solène",
    "Fatou",
    "Inaya",
    "Agathe",
    "Colette",
    "Maëlle",
    "Josiane",
    "Yasmine",
    "Capucine",
    "Odile",
    "Romane",
    "Ghislaine",
    "Aïcha",
    "Perrine",
    "Muriel",
    "Tiphaine",
    "Lucette",
)
FIRST_M = (
    "Ludo",
    "Bastien",
    "Kevin",
    "Malik",
    "Hervé",
    "Titouan",
    "Gaël",
    "Momo",
    "Fabrice",
    "Yanis",
    "Loïc",
    "Régis",
    "Théo",
    "Gilles",
    "Samba",
    "Erwan",
    "Jeannot",
    "Quentin",
    "Rachid",
    "Denis",
)
FIRST_EN_F = (
    "Holly",
    "Maeve",
    "Priya",
    "Tess",
    "Bronwyn",
    "Dolores",
    "Kayla",
    "Rosie",
    "Shauna",
    "Imani",
    "Bev",
    "Carol",
    "Willa",
    "Nessa",
    "Jodie",
)
FIRST_EN_M = (
    "Gareth",
    "Dev",
    "Owen",
    "Marcus",
    "Tyrone",
    "Angus",
    "Colin",
    "Jay",
    "Brett",
    "Femi",
    "Callum",
    "Hank",
    "Rory",
    "Stu",
    "Leon",
)
"""First names, which are nobody's."""

THINGS_FR = (
    "papillon", "marmotte", "cactus", "mimosa", "coquelicot", "tournesol", "cricri", "zebulon", "moustache", "galette", "tilleul", "bigorneau", "lavande", "pissenlit", "caramel", "loutre", "mirabelle",
    "kouign", "pingouin", "chouquette", "rhubarbe", "escargot", "biniou", "framboise", "hibou", "tartiflette", "noisette", "libellule", "ronchon", "bulle",
)  # fmt: skip
THINGS_EN = (
    "willow", "maple", "pickle", "foxglove", "badger", "biscuit", "pebble", "crumpet", "thistle", "waffle", "otter", "teacup", "juniper", "sprout", "magpie", "cobbler", "moth", "hazel", "puddin", "nettle",
    "bramble", "gravy", "tumbleweed", "snail", "marmalade",
)  # fmt: skip
"""What people call themselves."""

INFLUENCERS = {
    "fr": ("lise_explique", "Lise explique la santé", 184_000),
    "en": ("tess_talks_thyroid", "Tess talks thyroid", 96_500),
}
"""One well-followed account a language: handle, name, followers."""

JOBS_FR = ("pharmacien", "pharmacienne", "IDE libérale", "médecin généraliste", "préparatrice", "interne")
JOBS_EN = ("pharmacist", "community nurse", "GP", "pharmacy tech", "registrar")
"""Trades shown beside names in the professional group."""


@dataclass(frozen=True, slots=True)
class Author:
    """Somebody who writes in one space."""

    handle: str
    name: str | None
    """Shown beside the handle, on networks that do."""
    female: bool
    luck: float
    """0-1, the same for all their posts: bends the care of the place into their own, and their followers."""

    @property
    def followers(self) -> int:
        """Return how many follow them: few for most, thousands for some."""
        return int(12 / (1.002 - self.luck * self.luck * self.luck))


def author(number: int, *, salt: int, french: bool, names: bool, job: bool) -> Author:
    """Return the author of a number within a space (`salt`); `names` and `job` say what is shown beside the handle."""
    mixed = ((number + 1) * 2_654_435_761 ^ salt * 40_503_001) & 0xFFFFFFFF
    mixed = ((mixed ^ (mixed >> 15)) * 2_246_822_519) & 0xFFFFFFFF
    female = mixed & 3 != 0 if not job else mixed & 1 == 0
    pools = (FIRST_F, FIRST_M) if french else (FIRST_EN_F, FIRST_EN_M)
    firsts = pools[0] if female else pools[1]
    first = firsts[(mixed >> 3) % len(firsts)]
    things = THINGS_FR if french else THINGS_EN
    thing = things[(mixed >> 8) % len(things)]
    handle = _handle(mixed >> 13, number, first.lower(), thing)
    name = None
    if names:
        name = f"{first} {chr(65 + (mixed >> 5) % 26)}." if (mixed >> 12) & 1 or job else first
        if job:
            jobs = JOBS_FR if french else JOBS_EN
            name = f"{name}, {jobs[(mixed >> 20) % len(jobs)]}"
    return Author(handle, name, female, (mixed >> 7 & 0xFFFF) / 65_536)


def _handle(mixed: int, number: int, first: str, thing: str) -> str:
    """Return a handle; most hold the number, as networks make people do."""
    shape = mixed % 6
    if shape == 0:
        return f"{thing}{number}"
    if shape == 1:
        return f"{first}_{number}"
    if shape == 2:  # noqa: PLR2004 -- six shapes
        return f"{first}.{thing}.{number}" if mixed & 64 else f"{first}.{thing}"
    if shape == 3:  # noqa: PLR2004 -- six shapes
        return f"{thing}_{first}{number}"
    if shape == 4:  # noqa: PLR2004 -- six shapes
        return f"{first}{thing}{number}"
    return f"la_{thing}_{number}" if mixed & 64 else f"{thing}-{number}"
