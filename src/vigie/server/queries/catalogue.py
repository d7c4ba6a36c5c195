"""Which networks of the catalogue are listened to."""

from collections.abc import Sequence

from vigie.collect.catalogue import Row
from vigie.schema.ids import canonical_link
from vigie.server.models import Space


def listened(rows: Sequence[Row]) -> dict[str, int]:
    """Return the open space of each network that has one: made of its row, or added by its very address."""
    spaces = list(Space.objects.filter(closed_at=None).values_list("pk", "catalogue_id", "address"))
    by_id = {name: pk for pk, name, _ in spaces if name}
    by_address = {canonical_link(address): pk for pk, _, address in spaces if address}
    found = {row.id: by_id.get(row.id) or by_address.get(canonical_link(row.address)) for row in rows}
    return {name: pk for name, pk in found.items() if pk is not None}
