"""Which names are like ours, and what becomes a candidate of the register."""

import pytest

from vigie.collect.names import Candidate, Likeness, Sighting, host_of, known_of, likeness, normal, propose, registered
from vigie.match.spellings import spellings
from vigie.schema.vocab import NameKind

S, D, A, M = Likeness.SAME, Likeness.DISGUISED, Likeness.ADDED, Likeness.MISSPELT
NAMES = ("Sérélium", "Laboratoire Vaubrun", "vaubrun")


@pytest.mark.parametrize(
    ("found", "name", "how"),
    [
        ("serelium", "Sérélium", S), ("SERELIUM", "Sérélium", S), ("Sérélium", "serelium", S),
        ("laboratoire-vaubrun", "Laboratoire Vaubrun", S), ("laboratoirevaubrun", "Laboratoire Vaubrun", S),
        ("sere-lium", "Sérélium", D), ("s3relium", "Sérélium", D), ("serelium24", "Sérélium", D), ("5ere1ium", "Sérélium", D),
        ("sеrеlium", "Sérélium", D),  # with Cyrillic е
        ("serelium-avis", "Sérélium", A), ("monserelium", "Sérélium", A), ("serelium_officiel", "Sérélium", A),
        ("serelum", "Sérélium", M), ("cerelium", "Sérélium", M), ("serelyum", "Sérélium", M), ("sereluim", "Sérélium", M),
        ("sereliumm", "Sérélium", A), ("victimes-du-cerelium", "Sérélium", M),
        ("serein", "Sérélium", None), ("helium", "Sérélium", None), ("", "Sérélium", None), ("---", "Sérélium", None),
        ("cerylum", "Sérélium", None), ("laiterie", "Lait", None), ("vaubron", "vaubrun", M), ("aubrun", "vaubrun", M),
    ],
)  # fmt: skip
def test_likeness(found: str, name: str, how: Likeness | None) -> None:
    assert likeness(found, name) == how


@pytest.mark.parametrize(
    ("host", "label"),
    [
        ("serelium.example", "serelium"), ("shop.serelium.example", "serelium"), ("serelium.co.uk", "serelium"), ("localhost", ""), ("", ""),
    ],
)  # fmt: skip
def test_label_that_was_registered(host: str, label: str) -> None:
    assert registered(host) == label


@pytest.mark.parametrize(
    ("address", "host"),
    [
        ("https://www.Serelium.example/x", "serelium.example"), ("https://xn--srlium-bvab.example/", "sérélium.example"), ("http://[::1", ""),
        ("javascript:alert(1)", ""), ("", ""), ("https://xn--/", "xn--"),
    ],
)  # fmt: skip
def test_host(address: str, host: str) -> None:
    assert host_of(address) == host


def found(*sightings: Sighting, known: tuple[str, ...] = ()) -> list[tuple[str, str, str, str]]:
    return [
        (one.kind.value, one.address, one.bears, one.likeness.value)
        for one in propose(sightings, names=NAMES, known=frozenset(known))
    ]


@pytest.mark.parametrize(
    ("sighting", "expected"),
    [
        (Sighting(1, links=("https://serelium-avis.example/page",)), [("domain", "serelium-avis.example", "Sérélium", "added")]),
        (Sighting(1, links=("https://facebook.com/SereliumFrance",)), [("account", "facebook.com SereliumFrance", "Sérélium", "added")]),
        (Sighting(1, links=("https://piaf.example/@serelium",)), [("account", "piaf.example serelium", "Sérélium", "same")]),
        (Sighting(1, links=("https://forum.example/groupes/serelium-victimes",)),
         [("page", "https://forum.example/groupes/serelium-victimes", "Sérélium", "added")]),
        (Sighting(1, url="https://blog.vaubrun.example/a"), [("domain", "vaubrun.example", "vaubrun", "same")]),
        (Sighting(1, origin="forum.example", handle="serelium_officiel"), [("account", "forum.example serelium_officiel", "Sérélium", "added")]),
        (Sighting(1, origin="piaf.example", handle="@vaubrun@piaf.example"), [("account", "piaf.example vaubrun@piaf.example", "vaubrun", "same")]),
        # An article about us does not bear our name, nor does a post deep below a page, nor a number.
        (Sighting(1, links=("https://presse.example/le-serelium-fait-parler-de-lui",)), []),
        (Sighting(1, links=("https://presse.example/2026/10/serelium",)), []),
        (Sighting(1, links=("https://presse.example/12345",)), []),
        (Sighting(1, links=("http://[::1", "nowhere", "")), []), (Sighting(1, origin="forum.example", handle="marie34"), []), (Sighting(1), []),
    ],
)  # fmt: skip
def test_candidates_of_a_post(sighting: Sighting, expected: list[tuple[str, str, str, str]]) -> None:
    assert found(sighting) == expected


@pytest.mark.parametrize(
    ("known", "links"),
    [
        ("vaubrun.example", ("https://vaubrun.example/vaubrun", "https://blog.vaubrun.example/")),
        ("facebook.com vaubrun", ("https://facebook.com/vaubrun",)),
    ],
)
def test_what_is_known_is_not_proposed(known: str, links: tuple[str, ...]) -> None:
    assert found(Sighting(1, links=links), known=(known,)) == []


def test_the_nearest_stands_first_and_the_most_often_met_before_its_like() -> None:
    sightings = [
        Sighting(1, links=("https://cerelium.example/",)), Sighting(2, links=("https://serelium-a.example/",)),
        Sighting(3, links=("https://serelium-b.example/", "https://serelium.example/")), Sighting(4, links=("https://serelium-b.example/x/y/z",)),
    ]  # fmt: skip
    ranked = propose(sightings, names=NAMES, known=frozenset())
    assert [one.address for one in ranked] == [
        "serelium.example", "serelium-b.example", "serelium-a.example", "cerelium.example",
    ]  # fmt: skip
    assert ranked[1] == Candidate(
        NameKind.DOMAIN, "serelium-b.example", "serelium-b", "Sérélium", A, "link", (3, 4), ranked[1].score
    )


def test_proof_is_short_however_often_a_name_is_met() -> None:
    sightings = [Sighting(n, links=("https://serelium.example/", "https://serelium.example/")) for n in range(100)]
    (one,) = propose(sightings, names=NAMES, known=frozenset())
    assert one.mentions == (0, 1, 2, 3, 4)


@pytest.mark.parametrize(
    ("address", "known"),
    [
        ("https://blog.vaubrun.example/", {"vaubrun.example"}), ("https://vaubrun.hosting.example/", {"vaubrun.hosting.example"}),
        ("https://facebook.com/vaubrun", {"facebook.com vaubrun"}), ("https://piaf.example/@vaubrun", {"piaf.example", "piaf.example vaubrun"}),
        ("", set()),
    ],
)  # fmt: skip
def test_what_is_ours_is_known(address: str, known: set[str]) -> None:
    assert known_of([address], names=NAMES) == known


@pytest.mark.parametrize(
    ("kind", "given", "kept"),
    [
        ("domain", "https://www.Serelium.example/x", "serelium.example"), ("domain", "serelium.example", "serelium.example"),
        ("account", "facebook.com @Serelium", "facebook.com Serelium"), ("account", "https://facebook.com/Serelium", "facebook.com Serelium"),
        ("account", "https://forum.example/u/12", "https://forum.example/u/12"), ("page", "forum.example/serelium", "https://forum.example/serelium"),
        ("page", "javascript://x", ""), ("page", "deux mots", ""), ("domain", "", ""), ("page", "https://", ""),
    ],
)  # fmt: skip
def test_address_is_kept_in_one_form(kind: str, given: str, kept: str) -> None:
    assert normal(NameKind(kind), given) == kept


@pytest.mark.parametrize(
    ("expression", "names"),
    [
        ("serelium OR cerelium OR serelyum", ("serelium", "cerelium", "serelyum")), ('vaubrun NOT "vaubrun souffle"', ("vaubrun",)),
        ('aerivan* OR airivane OR "vaubrun souffle"', ("aerivan", "airivane", "vaubrun souffle")), ("serelium AND (formule OR dose)", ()),
        ("serelium~1", ("serelium",)), ("site:vaubrun.example OR vaubrun", ("vaubrun",)), ("(", ()),
    ],
)  # fmt: skip
def test_names_that_a_query_asks_for(expression: str, names: tuple[str, ...]) -> None:
    assert spellings(expression) == names
