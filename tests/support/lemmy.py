"""A double of Lemmy 0.19, built from lemmy-js-client 0.19 (GetPosts, GetComments, GetPost, GetComment, GetCommunity,
GetPersonDetails, Search, GetSite), read 2026-11-25: pages are numbered from 1, 50 items at most, newest first.
"""

from typing import Any

from support.double import Double, Query, number, stamp


class Lemmy(Double):
    """A server with one community."""

    def __init__(self, port: int = 0) -> None:
        super().__init__(port)
        self.posts: list[dict[str, Any]] = []
        self.comments: list[dict[str, Any]] = []
        self.clock = 0

    def post(self, title: str, body: str = "", *, by: str = "zoe", link: str | None = None) -> int:
        """Publish a post and return its id."""
        self.clock += 60
        post = len(self.posts) + 1
        self.posts.append(
            {
                "post": {
                    "id": post, "name": title, "body": body or None, "url": link, "creator_id": 1, "community_id": 2,
                    "removed": False, "locked": False, "published": stamp(self.clock), "deleted": False, "nsfw": False,
                    "ap_id": f"{self.url}/post/{post}", "local": True, "language_id": 47, "featured_community": False,
                },
                "creator": self.person(by), "community": self.community(), "saved": False, "read": False,
                "counts": {"post_id": post, "comments": 0, "score": 2, "upvotes": 5, "downvotes": 3},
            }
        )  # fmt: skip
        return post

    def comment(self, post: int, text: str, *, by: str = "ana", to: int = 0) -> int:
        """Comment on a post, or answer a comment."""
        self.clock += 60
        comment = 1_000 + len(self.comments)
        above = next((c["comment"]["path"] for c in self.comments if c["comment"]["id"] == to), "0")
        self.comments.append(
            {
                "comment": {
                    "id": comment, "creator_id": 1, "post_id": post, "content": text, "removed": False,
                    "published": stamp(self.clock), "deleted": False, "ap_id": f"{self.url}/comment/{comment}",
                    "local": True, "path": f"{above}.{comment}", "distinguished": False, "language_id": 47,
                },
                "creator": self.person(by), "post": self.posts[post - 1]["post"], "community": self.community(),
                "counts": {"comment_id": comment, "score": 1, "upvotes": 1, "downvotes": 0, "child_count": 0},
            }
        )  # fmt: skip
        return comment

    def edit(self, post: int, body: str) -> None:
        """Change a post."""
        self.clock += 60
        self.posts[post - 1]["post"].update(body=body, updated=stamp(self.clock))

    def delete(self, comment: int) -> None:
        """Delete a comment as its author does: it stays, empty."""
        found = next(c["comment"] for c in self.comments if c["comment"]["id"] == comment)
        found.update(deleted=True, content="")

    def person(self, name: str) -> dict[str, Any]:
        """Return a person."""
        return {"id": 1, "name": name, "display_name": name.title(), "actor_id": f"{self.url}/u/{name}", "local": True}

    def community(self) -> dict[str, Any]:
        """Return the community."""
        return {"id": 2, "name": "vertige", "title": "Vertiges", "actor_id": f"{self.url}/c/vertige", "local": True}

    def value(self, path: str, query: Query) -> tuple[int, Any]:
        what = path.removeprefix("/api/v3/")
        asked = {name: values[0] for name, values in query.items()}
        if what == "site":
            return 200, {"site_view": {"site": {"name": "Double"}}, "version": "0.19.5"}
        if what == "community" and asked.get("name") == "vertige":
            counts = {"subscribers": 12, "posts": len(self.posts), "comments": len(self.comments)}
            return 200, {"community_view": {"community": self.community(), "counts": counts}}
        if what in ("post", "comment"):
            return self._one(what, asked)
        if what in ("post/list", "comment/list", "user", "search"):
            return 200, self._lists(what, asked, query)
        return 404, {"error": "not_found"}

    def _one(self, what: str, asked: dict[str, str]) -> tuple[int, Any]:
        things = self.posts if what == "post" else self.comments
        found = next((t for t in things if str(t[what]["id"]) == asked.get("id")), None)
        return (200, {f"{what}_view": found}) if found else (404, {"error": f"couldnt_find_{what}"})

    def _lists(self, what: str, asked: dict[str, str], query: Query) -> dict[str, Any]:
        posts, comments = (
            self._page(self.posts, "post", asked, query),
            self._page(self.comments, "comment", asked, query),
        )
        if what == "search":
            kind = asked["type_"]
            return {"type_": kind, "posts": posts if kind == "Posts" else [], "comments": comments if kind == "Comments" else [], "users": []}  # fmt: skip
        if what == "user":
            return {"person_view": {}, "posts": posts, "comments": comments}
        return {"posts": posts} if what == "post/list" else {"comments": comments}

    @staticmethod
    def _page(things: list[dict[str, Any]], kind: str, asked: dict[str, str], query: Query) -> list[dict[str, Any]]:
        chosen = [
            thing for thing in reversed(things)
            if asked.get("username", thing["creator"]["name"]) == thing["creator"]["name"]
            and ("post_id" not in asked or str(thing[kind].get("post_id")) == asked["post_id"])
            and asked.get("q", "") in f"{thing[kind].get('name')} {thing[kind].get('body')} {thing[kind].get('content')}"
        ]  # fmt: skip
        size, page = min(number(query, "limit", 10), 50), number(query, "page", 1)
        return chosen[(page - 1) * size : page * size]
