"""The draft of a first run: what was typed at each step, kept as typed, and what follows from it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from vigie.collect.discovery import with_scheme
from vigie.match import QueryError, parse
from vigie.match.naming import Idea, ideas
from vigie.schema.vocab import Network, Role, SpaceKind
from vigie.server.services import discovering
from vigie.server.services.starting import Place, Plan, Seat

KEY = "start"
"""Key of the session under which the draft stands."""

STEPS = ("company", "names", "places", "people", "review")

MOST_BRANDS, MOST_NAMES, MOST_PLACES, MOST_SEATS = 10, 20, 12, 5
"""Of one run: a page's worth each, and addresses that are looked into while one waits; more are added on their pages."""

LONGEST = 120
"""Letters of a name, as `Brand.name` and `Watch.name` hold."""

Typed = Mapping[str, str]


def lines(text: str, most: int) -> list[str]:
    """Return the names of a text, one a line, each once, the first ones."""
    tidy = (" ".join(line.split())[:LONGEST] for line in text.splitlines())
    once: dict[str, str] = {}
    for line in tidy:
        if line:
            once.setdefault(line.casefold(), line)
    return list(once.values())[:most]


@dataclass(frozen=True, slots=True)
class Draft:
    """What was typed so far, step by step, and what was found at the addresses."""

    typed: Mapping[str, Typed] = field(default_factory=dict)
    found: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """By address: how it can be read, or the sentence that says why not; `hopeless` when that does not pass by itself."""

    @classmethod
    def of(cls, session: Mapping[str, Any]) -> "Draft":
        """Return the draft that a session holds; an empty one when it holds none."""
        kept = session.get(KEY) or {}
        return cls(kept.get("typed", {}), kept.get("found", {}))

    def kept(self) -> dict[str, Any]:
        """Return what the session keeps."""
        return {"typed": {step: dict(typed) for step, typed in self.typed.items()}, "found": dict(self.found)}

    def with_step(self, step: str, typed: Typed) -> "Draft":
        """Return the draft with one step typed anew; the others stay."""
        return replace(self, typed={**self.typed, step: dict(typed)})

    def said(self, step: str, name: str) -> str:
        """Return what was typed into a field."""
        return str(self.typed.get(step, {}).get(name, ""))

    @property
    def brands(self) -> list[str]:
        return lines(self.said("company", "brands"), MOST_BRANDS)

    @property
    def competitors(self) -> list[str]:
        ours = {name.casefold() for name in self.brands}
        names = lines(self.said("names", "competitors"), MOST_NAMES)
        return [name for name in names if name.casefold() not in ours]

    @property
    def products(self) -> dict[str, list[str]]:
        return {
            brand: lines(self.said("names", f"products-{n}"), MOST_NAMES) for n, brand in enumerate(self.brands)
        }  # fmt: skip

    @property
    def addresses(self) -> list[tuple[str, str]]:
        """Return (address, brand of ours or nothing), each address once."""
        return [(address, brand) for address, brand, _typed in self._addresses]

    @property
    def as_typed(self) -> dict[str, str]:
        """Return addresses as they were typed, with or without a scheme, by the address they stand for."""
        return {address: typed for address, _brand, typed in self._addresses}

    @property
    def _addresses(self) -> list[tuple[str, str, str]]:
        asked = [(f"ours-{n}", brand) for n, brand in enumerate(self.brands)] + [("others", "")]
        once: dict[str, tuple[str, str]] = {}
        for name, brand in asked:
            for line in lines(self.said("places", name).replace(" ", "\n"), MOST_PLACES):
                once.setdefault(with_scheme(line), (brand, line))
        return [(address, brand, line) for address, (brand, line) in once.items()][:MOST_PLACES]

    @property
    def places(self) -> list[Place]:
        """Return the spaces to make, those that are still wanted: found, or kept until they can be read."""
        unwanted = self.off("place")
        return [
            self._place(address, brand, typed)
            for address, brand, typed in self._addresses
            if self.is_keepable(address) and address not in unwanted
        ]

    def _place(self, address: str, brand: str, typed: str) -> Place:
        way = self.found.get(address, {})
        if way.get("kind"):
            return Place(way["title"], way["kind"], way["network"], way["address"], brand, way["options"])
        unknown, other = SpaceKind.UNKNOWN.value, Network.OTHER.value
        return Place(address[:200], unknown, other, address, brand, discovering.kept_as(typed))

    def is_keepable(self, address: str) -> bool:
        """Say whether a space can be made of an address, though it may not be known yet how to read it."""
        return not self.found.get(address, {}).get("hopeless")

    @property
    def left(self) -> list[tuple[str, str]]:
        """Return the addresses of which no space can be made, and why."""
        return [
            (address, self.found[address]["fault"]) for address, _ in self.addresses if not self.is_keepable(address)
        ]

    @property
    def seats(self) -> list[Seat]:
        rows = []
        for n in range(MOST_SEATS):
            email, role = self.said("people", f"email-{n}").strip(), self.said("people", f"role-{n}")
            brand = self.said("people", f"brand-{n}")
            if email and role in list(Role):
                rows.append(Seat(email, Role(role), brand if brand in self.brands else ""))
        return rows

    @property
    def ideas(self) -> list[Idea]:
        """Return the proposed watches, worded as they were mended."""
        found = ideas(self.brands, self.products, self.competitors)
        return [replace(i, expression=self.said("review", f"query-{i.key}").strip() or i.expression) for i in found]

    def off(self, kind: str) -> set[str]:
        """Return what was unticked on the last step."""
        typed = self.typed.get("review", {})
        return {name.removeprefix(f"no-{kind}-") for name in typed if name.startswith(f"no-{kind}-")}

    @property
    def wanted(self) -> list[Idea]:
        off = self.off("watch")
        return [idea for idea in self.ideas if idea.key not in off]

    def plan(self) -> Plan:
        """Return all that is to be made."""
        return Plan(self.brands, self.competitors, self.wanted, self.places, self.seats)


def reviewed(
    draft: Draft, posted: Mapping[str, Any], ticked_watches: Sequence[str], ticked_places: Sequence[str]
) -> Draft:
    """Return the draft as its last step was sent: words of the queries, and what was unticked."""
    typed = {f"query-{i.key}": str(posted.get(f"query-{i.key}", ""))[:2_000] for i in draft.ideas}
    typed |= {f"no-watch-{i.key}": "1" for i in draft.ideas if i.key not in ticked_watches}
    typed |= {f"no-place-{address}": "1" for address, _ in draft.addresses if address not in ticked_places}
    return draft.with_step("review", typed)


def fault_of(expression: str) -> QueryError | None:
    """Return what is wrong with a query; nothing when it can be read."""
    try:
        parse(expression)
    except QueryError as error:
        return error
    return None
