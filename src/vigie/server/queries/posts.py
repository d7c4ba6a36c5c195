"""What the record knows of posts beside their text."""

from collections.abc import Sequence

from vigie.server.database import select_in


def facts_of(ids: Sequence[int]) -> dict[int, tuple[tuple[str, ...], str | None]]:
    """Return the spaces and the language of posts."""
    spaces: dict[int, list[str]] = {i: [] for i in ids}
    sql = (
        "SELECT ps.post_id, s.name FROM vigie_postspace ps JOIN vigie_space s ON s.id = ps.space_id "
        "WHERE ps.post_id IN ({in})"
    )
    for post, name in select_in(sql, ids):
        spaces[post].append(name)
    sql = "SELECT post_id, value FROM vigie_label WHERE kind = 'language' AND chosen AND post_id IN ({in})"
    languages = dict(select_in(sql, ids))
    return {i: (tuple(spaces[i]), languages.get(i)) for i in ids}
