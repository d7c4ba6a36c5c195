"""The stories within one file: known once its last post is read, so answers wait on the disk, not in memory."""

import json
import tempfile
from collections.abc import Iterator, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from vigie.enrich.stories import FULL_POSTS, StoryIndex, batch_of
from vigie.schema import ids
from vigie.text.lexicon import Lexicon
from vigie.text.sketches import Sketcher


class Stories:
    """Group posts in the order of a file; the newest of them are remembered (`MOST_POSTS`)."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._sketcher, self._index = Sketcher(lexicon), StoryIndex()
        self._story: list[int] = []
        """Of each row, 0 alone; a number that was merged leads on."""
        self._leads: dict[int, int] = {}
        self._named = 0
        self._waiting = tempfile.TemporaryFile("w+", encoding="utf-8", errors="surrogatepass")  # noqa: SIM115 -- closed when all is read

    def take(self, table: pa.Table, answers: Sequence[dict[str, Any]]) -> None:
        """Group the rows of `tables.POSTS`, and keep their answers."""
        first, n = len(self._story), table.num_rows
        origins = table["origin"].to_pylist()
        keys = [ids.post_key(*pair) for pair in zip(origins, table["native_id"].to_pylist(), strict=True)]
        links = (
            [ids.linked_key(*pair) for pair in zip(origins, table[name].to_pylist(), strict=True)]
            for name in ("repost_of", "quote_of")
        )
        signatures = self._sketcher.sketch(_texts(table)).signatures
        self._story += [0] * n
        self._place(batch_of(range(first + 1, first + n + 1), keys, *links, signatures, at=first))
        for answer in answers:
            self._waiting.write(json.dumps(answer, ensure_ascii=False) + "\n")

    def _place(self, batch: Any) -> None:
        placed = self._index.place(batch)
        self._index.name(range(self._named + 1, self._named + 1 + placed.made))
        for post, story in zip(placed.posts.tolist(), placed.stories.tolist(), strict=True):
            self._story[post - 1] = story if story >= 0 else self._named - story
        self._leads |= dict(placed.merged)
        self._named += placed.made
        if self._index.size > FULL_POSTS:
            self._index.forget(0)

    def answers(self) -> Iterator[dict[str, Any]]:
        """Yield the answers in the order of the file; `story` is the id of the first post of each."""
        firsts: dict[int, str] = {}
        with self._waiting as waiting:
            waiting.seek(0)
            for line, story in zip(waiting, self._story, strict=True):
                answer = json.loads(line)
                if story:
                    answer["story"] = firsts.setdefault(self._stands(story), answer["post"])
                yield answer

    def _stands(self, story: int) -> int:
        while story in self._leads:
            story = self._leads[story]
        return story


def _texts(table: pa.Table) -> pa.Array:
    """Return what is read of posts: the title, when there is one, above the text."""
    texts = table["text"].combine_chunks().cast(pa.large_string())
    if table["title"].null_count == table.num_rows:
        return texts
    titles = table["title"].combine_chunks().cast(pa.large_string())
    both = pc.binary_join_element_wise(titles, texts, pa.scalar("\n", pa.large_string()))
    return pc.if_else(pc.greater(pc.fill_null(pc.utf8_length(titles), 0), 0), both, texts)
