"""A double of Discourse, built from docs.discourse.org (topics, posts, site), read 2026-11-25.

Answers have the members of the examples there (`/latest.json`, `/t/{id}.json`, `/t/{id}/posts.json`,
`/site/basic-info.json`): topics by the time they were last written to, pinned ones first; 20 posts with a topic, the
others by their ids.
"""

from typing import Any

from support.double import Double, Query, number, stamp


class Discourse(Double):
    """A forum."""

    def __init__(self, port: int = 0) -> None:
        super().__init__(port)
        self.topics: dict[int, dict[str, Any]] = {}
        self.posts: list[dict[str, Any]] = []
        self.clock = 0

    def topic(self, title: str, text: str, *, by: str = "zoe", tag: str = "", pinned: bool = False) -> int:
        """Open a topic and return its id."""
        topic = 10 + len(self.topics)
        self.topics[topic] = {"title": title, "tag": tag, "pinned": pinned, "slug": f"sujet-{topic}"}
        self.reply(topic, text, by=by)
        return topic

    def reply(self, topic: int, text: str, *, by: str = "ana", to: int | None = None, **values: Any) -> int:
        """Write a post and return its number within the topic."""
        self.clock += 1
        own = [post for post in self.posts if post["topic_id"] == topic]
        answered = next((post["username"] for post in own if post["post_number"] == to), None)
        post = {
            "id": len(self.posts) + 1, "name": by.title(), "username": by, "created_at": stamp(self.clock),
            "cooked": f"<p>{text}</p>", "post_number": len(own) + 1, "post_type": 1, "updated_at": stamp(self.clock),
            "reply_count": 0, "reply_to_post_number": to, "quote_count": 0, "reads": 3, "score": 0, "topic_id": topic,
            "topic_slug": self.topics[topic]["slug"], "version": 1, "actions_summary": [{"id": 2, "count": 4}],
            "moderator": False, "admin": False, "staff": False, "user_id": 7, "hidden": False, "trust_level": 1,
            "deleted_at": None, "user_deleted": False, "wiki": False,
            **({"reply_to_user": {"username": answered}} if answered else {}), **values,
        }  # fmt: skip
        self.posts.append(post)
        self.topics[topic]["bumped_at"] = post["created_at"]
        return int(post["post_number"])

    def edit(self, topic: int, post: int, text: str) -> None:
        """Change a post; the last of a topic bumps it."""
        self.clock += 1
        found = self._found(topic, post)
        found.update(cooked=f"<p>{text}</p>", updated_at=stamp(self.clock), version=found["version"] + 1)
        self.topics[topic]["bumped_at"] = stamp(self.clock)

    def delete(self, topic: int, post: int) -> None:
        """Take a post away."""
        self.posts[self.posts.index(self._found(topic, post))]["gone"] = True

    def _found(self, topic: int, post: int) -> dict[str, Any]:
        return next(p for p in self.posts if (p["topic_id"], p["post_number"]) == (topic, post))

    def value(self, path: str, query: Query) -> tuple[int, Any]:
        steps = path.removesuffix(".json").strip("/").split("/")
        if steps == ["site", "basic-info"]:
            return 200, {
                "logo_url": f"{self.url}/logo.png",
                "apple_touch_icon_url": "",
                "title": "Le forum",
                "description": "",
            }
        if steps[0] in ("latest", "tag", "c"):
            return 200, self._list(number(query, "page", 0), steps[1] if steps[0] == "tag" else "")
        if steps[0] == "t" and steps[1].isdigit() and int(steps[1]) in self.topics:
            return 200, self._topic(int(steps[1]), steps[2:], query)
        return 404, {"errors": ["The requested URL or resource could not be found."], "error_type": "not_found"}

    def _list(self, page: int, tag: str) -> dict[str, Any]:
        chosen = [(n, t) for n, t in self.topics.items() if not tag or t["tag"] == tag]
        ordered = sorted(chosen, key=lambda pair: pair[1]["bumped_at"], reverse=True)
        ordered = [p for p in ordered if p[1]["pinned"]] + [p for p in ordered if not p[1]["pinned"]]
        topics = [
            {
                "id": n, "title": t["title"], "fancy_title": t["title"], "slug": t["slug"], "bumped": True,
                "highest_post_number": len(self._of(n, gone=True)), "posts_count": len(self._of(n)),
                "bumped_at": t["bumped_at"], "pinned": t["pinned"], "views": 9, "like_count": 0, "category_id": 1,
            }
            for n, t in ordered[page * 30 : page * 30 + 30]
        ]  # fmt: skip
        return {"users": [], "topic_list": {"per_page": 30, "topics": topics}}

    def _of(self, topic: int, *, gone: bool = False) -> list[dict[str, Any]]:
        return [p for p in self.posts if p["topic_id"] == topic and (gone or not p.get("gone"))]

    def _topic(self, topic: int, rest: list[str], query: Query) -> dict[str, Any]:
        posts = self._of(topic)
        if rest == ["posts"]:
            wanted = {int(one) for one in query["post_ids[]"]}
            return {"post_stream": {"posts": [p for p in posts if p["id"] in wanted]}, "id": topic}
        shown = posts[:20]
        if rest:
            at = next((i for i, p in enumerate(posts) if p["post_number"] >= int(rest[0])), len(posts))
            shown = posts[max(0, at - 5) : at + 15]
        found = self.topics[topic]
        return {
            "post_stream": {"posts": shown, "stream": [p["id"] for p in posts]}, "id": topic, "title": found["title"],
            "slug": found["slug"], "posts_count": len(posts), "views": 9, "chunk_size": 20,
        }  # fmt: skip
