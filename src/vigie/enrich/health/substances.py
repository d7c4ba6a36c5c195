"""Names of substances of the French public drug base: what is meant by each, and how English writes it.

A label of the base is a salt, a hydrate, a strength or a preparation of something; the normal form is that something,
as French writes it (`chlorhydrate de métoclopramide` is `métoclopramide`).
"""

import re
from collections.abc import Iterator
from functools import cache
from importlib.resources import files

from vigie.text.words import fold

SALTS = [
    "acétate",
    "adipate",
    "arginate",
    "ascorbate",
    "aspartate",
    "bésilate",
    "bésylate",
    "benzoate",
    "bicarbonate",
    "bitartrate",
    "bromhydrate",
    "bromure",
    "butyrate",
    "caproate",
    "carbonate",
    "chlorhydrate",
    "chlorure",
    "citrate",
    "cromoglicate",
    "cyclosilicate",
    "décanoate",
    "diacétate",
    "dibenzoate",
    "dichlorhydrate",
    "difluoroacétate",
    "digluconate",
    "dihydrochlorure",
    "dimésilate",
    "dinitrate",
    "dipropionate",
    "ditosylate",
    "édisylate",
    "embonate",
    "énantate",
    "épolamine",
    "éthanolate",
    "étabonate",
    "fluorure",
    "formiate",
    "fumarate",
    "furoate",
    "gluconate",
    "glucuronate",
    "glutamate",
    "hémifumarate",
    "hémisuccinate",
    "hémitartrate",
    "hyclate",
    "hydrogénosulfate",
    "hydroxyde",
    "iodure",
    "iséthionate",
    "lactate",
    "lévulinate",
    "malate",
    "maléate",
    "mandélate",
    "méglumine",
    "mésilate",
    "mésylate",
    "monocarbonate",
    "mononitrate",
    "mucate",
    "napadisilate",
    "napsylate",
    "nicotinate",
    "nitrate",
    "oléate",
    "orotate",
    "oxalate",
    "oxyde",
    "pamoate",
    "palmitate",
    "panthoténate",
    "péroxyde",
    "phosphate",
    "pidolate",
    "pivalate",
    "propionate",
    "saccharinate",
    "salicylate",
    "sébacate",
    "sesquihydrate",
    "stéarate",
    "succinate",
    "sulfate",
    "sulfonate",
    "tannate",
    "tartrate",
    "téoclate",
    "tétrahydrate",
    "thiosulfate",
    "tosilate",
    "tosylate",
    "triflutate",
    "trifénatate",
    "trométhamine",
    "undécanoate",
    "valérate",
    "xinafoate",
]
"""Words of salts and esters that stand before “de”; the base's own labels."""

MINERALS = frozenset(
    [
        "sodium",
        "potassium",
        "calcium",
        "magnesium",
        "zinc",
        "fer",
        "aluminium",
        "cuivre",
        "manganese",
        "selenium",
        "argent",
        "baryum",
        "strontium",
        "ammonium",
        "benzalkonium",
        "cetylpyridinium",
        "sodique",
        "iode",
        "fluor",
        "azote",
        "ethanol",
        "bismuth",
        "titane",
        "hydrogene",
    ]
)
"""What is left of a salt of these says nothing: the salt stays whole."""

TAILS = (
    r"(?:mono|di|tri|tétra|penta|hexa|hepta|sesqui|hémi)?(?:hydratée?|sodique|potassique|calcique|magnésique|zincique|"
    r"chlorhydrate)s?|anhydre|base|acide|micronisée?|racémique|liposomale?|pégylée?|erbumine|arginine|tosilate|trométamol|"
    r"méglumine|disoproxil|alafénamide|humaine?|recombinante?|cristallisée?|solubilisée?|biphasique|isophane|axétil|"
    r"proxétil|médoxomil|cilexétil|étexilate|marboxil|mofétil|argentique|dextran|concentrée?|purifiée?|poudre|cilastatine"
)
"""Words after a substance that do not change what is meant."""

MIXED = re.compile(
    r"homéopath|\bextrait|teinture|huile|feuille|racine|écorce|fleur|sommité|semence|graine|poudre de|rhizome|fruit|"
    r"partie|\bjus\b|virus|antigène|polyoside|souche|pollen|venin|protéine spike|bactér|dérivés|allerg|eau |pour cent|solution|"
    r"essence|pulpe|bulbe|plante|alcoolat|albumen|mucilage|baume|cires?\b|phanère|squame|lysat|toxine|anatoxine",
    re.IGNORECASE,
)
"""Labels of preparations that nobody calls a medicine by: plants, strains, allergens. What is made of nothing else is
known by its brand alone."""

LEAST_LETTERS, MOST_LETTERS = 4, 60
"""Letters under which a name is an abbreviation or a piece of a word, and beyond which it is a description."""

ENGLISH_SALTS = {
    "chlorure": "chloride", "bromure": "bromide", "iodure": "iodide", "fluorure": "fluoride", "oxyde": "oxide",
    "hydroxyde": "hydroxide", "peroxyde": "peroxide", "citrate": "citrate", "sulfate": "sulfate", "carbonate": "carbonate",
    "bicarbonate": "bicarbonate", "gluconate": "gluconate", "phosphate": "phosphate", "nitrate": "nitrate", "acetate": "acetate",
    "lactate": "lactate", "thiosulfate": "thiosulfate",
}  # fmt: skip
ENGLISH_MINERALS = {"fer": "iron", "cuivre": "copper", "argent": "silver", "iode": "iodine", "baryum": "barium"}


def meant(label: str) -> str:
    """Return what a label of the base means, in small letters, accents kept; empty when it is no substance to name."""
    if MIXED.search(label):
        return ""
    text = re.sub(r"\[[^]]*\]|\s+", " ", label.lower().replace("’", "'")).strip()
    text = re.sub(r"^([^()]+?) \((?:acide)\)", r"acide \1", text)
    text = _unsalted(re.sub(r"\s*\((?P<salt>[^()]*(?: de| d'))\)", r" (\g<salt>)", text))
    before = ""
    while before != text:
        before, text = text, re.sub(rf"\s+(?:{TAILS})$", "", text.strip(" ,."))
    return text if LEAST_LETTERS <= len(text) <= MOST_LETTERS and not re.search(r"[()/;:]|\d{3}", text) else ""


def _unsalted(text: str) -> str:
    """Take a salt off, in front or in brackets."""
    bracket = re.fullmatch(r"(.+?) \((.+?) (?:de|d')\)(.*)", text)
    if bracket:
        text = f"{bracket[2]} de {bracket[1]}{bracket[3]}"
    text = re.sub(r"\s*\([^()]*\)", "", text)
    salt = re.fullmatch(rf"(?:mono|di|tri|hémi)?(?:{'|'.join(SALTS)})s? (?:de la |de l'|du |de |d')(.+)", text)
    while salt and fold(salt[1].split()[0]).plain not in MINERALS:
        text = salt[1]
        salt = re.fullmatch(rf"(?:{'|'.join(SALTS)})s? (?:de la |de l'|du |de |d')(.+)", text)
    return text


def english(name: str) -> Iterator[str]:
    """Yield how English may write a substance that French writes so; forms that nobody uses among them."""
    plain = " ".join(fold(word).plain for word in name.split())
    yield from also().get(plain, ())
    acid = re.fullmatch(r"acide (.+)ique", plain)
    salt = re.fullmatch(r"(\w+) de (\w+)", plain)
    if acid:
        yield f"{acid[1]}ic acid"
        if " " not in acid[1]:
            yield f"{acid[1]}ate"
    elif salt and salt[1] in ENGLISH_SALTS:
        yield f"{ENGLISH_MINERALS.get(salt[2], salt[2])} {ENGLISH_SALTS[salt[1]]}"
    else:
        for ending, others in (
            ("ine", ("in",)),
            ("uree", ("urea",)),
            ("ene", ("en",)),
            ("ame", ("am",)),
            ("trexate", ("trexat",)),
        ):
            if plain.endswith(ending) and len(plain) > len(ending) + 2:
                yield from (plain[: -len(ending)] + other for other in others)


@cache
def also() -> dict[str, tuple[str, ...]]:
    """Return further names of substances, by their French name without accents."""
    lines = files("vigie.enrich.health").joinpath("data/also.tsv").read_text("utf-8").splitlines()
    rows = (line.split("\t") for line in lines if line and not line.startswith("#"))
    return {row[0]: tuple(row[1].split("|")) for row in rows}
