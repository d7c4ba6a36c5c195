"""A double of PeerTube 7.1, built from docs.joinpeertube.org/api-rest-reference.html, read 2026-11-25: lists by `start`,
`count` (100 at most) and `sort`, descriptions cut at 250 characters in lists, threads with their first comments alone.
"""

import uuid
from typing import Any

from support.double import Double, Query, number, stamp


class PeerTube(Double):
    """A server with one channel."""

    def __init__(self, port: int = 0, *, counts_comments: bool = True) -> None:
        super().__init__(port)
        self.counts_comments = counts_comments
        self.videos: list[dict[str, Any]] = []
        self.comments: list[dict[str, Any]] = []
        self.clock = 0

    def video(self, name: str, description: str = "") -> str:
        """Publish a video and return its UUID."""
        self.clock += 60
        number = str(uuid.UUID(int=len(self.videos) + 1))
        self.videos.append(
            {
                "id": len(self.videos) + 1, "uuid": number, "shortUUID": "x", "url": f"{self.url}/videos/watch/{number}",
                "createdAt": stamp(self.clock), "publishedAt": stamp(self.clock), "updatedAt": stamp(self.clock),
                "name": name, "description": description, "language": {"id": "fr", "label": "Français"}, "isLocal": True,
                "duration": 61, "thumbnailPath": f"/lazy-static/{number}.jpg", "views": 40, "likes": 6, "dislikes": 1,
                "nsfw": False, "account": self.actor("zoe"), "channel": {**self.actor("vertige"), "displayName": "Vertiges"},
            }
        )  # fmt: skip
        return number

    def comment(self, video: str, text: str, *, by: str = "ana", to: int | None = None) -> int:
        """Write under a video, or answer a comment."""
        self.clock += 60
        above = next((c for c in self.comments if c["id"] == to), None)
        found = next(v for v in self.videos if v["uuid"] == video)
        comment = 500 + len(self.comments)
        self.comments.append(
            {
                "id": comment, "url": f"{found['url']}/comments/{comment}", "text": text,
                "threadId": above["threadId"] if above else comment, "inReplyToCommentId": to, "videoId": found["id"],
                "createdAt": stamp(self.clock), "updatedAt": stamp(self.clock), "deletedAt": None, "isDeleted": False,
                "totalReplies": 0, "account": self.actor(by),
            }
        )  # fmt: skip
        return comment

    def edit(self, video: str, description: str) -> None:
        """Change a video."""
        self.clock += 60
        found = next(v for v in self.videos if v["uuid"] == video)
        found.update(description=description, updatedAt=stamp(self.clock))

    def actor(self, name: str) -> dict[str, Any]:
        """Return an account."""
        return {
            "name": name, "displayName": name.title(), "host": self.host, "url": f"{self.url}/accounts/{name}",
            "followersCount": 12, "followingCount": 3,
        }  # fmt: skip

    def value(self, path: str, query: Query) -> tuple[int, Any]:
        steps = path.removeprefix("/api/v1/").split("/")
        if steps == ["config"]:
            return 200, {"instance": {"name": "Double"}, "serverVersion": "7.1.0"}
        if steps[0] in ("video-channels", "accounts") and len(steps) == 2:
            return (200, {**self.actor(steps[1]), "displayName": "Vertiges"}) if steps[1] == "vertige" else (404, {})
        if steps[-1] == "videos" and steps[0] in ("video-channels", "accounts", "search", "videos"):
            words = query.get("search", [""])[0]
            return 200, self._list(
                [self._shown(v, cut=True) for v in reversed(self.videos) if words in v["name"]], query
            )
        if steps[0] == "videos" and any(v["uuid"] == steps[1] for v in self.videos):
            return self._of(steps, query)
        return 404, {"type": "about:blank", "status": 404}

    def _of(self, steps: list[str], query: Query) -> tuple[int, Any]:
        video = next(v for v in self.videos if v["uuid"] == steps[1])
        own = [self._counted(c) for c in self.comments if c["videoId"] == video["id"]]
        if len(steps) == 2:
            return 200, self._shown(video, cut=False)
        if len(steps) == 3:
            heads = [c for c in reversed(own) if c["inReplyToCommentId"] is None]
            return 200, {**self._list(heads, query), "totalNotDeletedComments": len(own)}
        return 200, self._tree(next(c for c in own if str(c["id"]) == steps[3]), own)

    def _counted(self, comment: dict[str, Any]) -> dict[str, Any]:
        thread = [c for c in self.comments if c["threadId"] == comment["threadId"]]
        return {**comment, "totalReplies": len(thread) - 1 if comment["id"] == comment["threadId"] else 0}

    def _tree(self, comment: dict[str, Any], own: list[dict[str, Any]]) -> dict[str, Any]:
        below = [self._tree(c, own) for c in own if c["inReplyToCommentId"] == comment["id"]]
        return {"comment": comment, "children": below}

    def _shown(self, video: dict[str, Any], *, cut: bool) -> dict[str, Any]:
        text = video["description"]
        short = text if len(text) <= 250 else text[:247] + "..."
        number = sum(c["videoId"] == video["id"] for c in self.comments)
        counted = {"comments": number} if self.counts_comments else {}
        return {**video, "description": short if cut else text, "truncatedDescription": short, **counted}

    @staticmethod
    def _list(items: list[dict[str, Any]], query: Query) -> dict[str, Any]:
        start, count = number(query, "start", 0), min(number(query, "count", 15), 100)
        return {"total": len(items), "data": items[start : start + count]}
