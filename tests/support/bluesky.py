"""A real Bluesky network on loopback: a directory of identities and a server of repositories; it has no AppView."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

from support.processes import Server, needs

HERE = Path(__file__).parent / "atproto"
PEER = Path(__file__).parents[2] / "var" / "peers" / "atproto"


NODE = 20
"""Oldest Node that the network's packages name (their `engines`)."""


def install() -> Path:
    """Install the network once beside the clone's other passing data; return its folder."""
    needs("node", "npm", "g++", "make")
    version = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout
    if int(version.removeprefix("v").partition(".")[0]) < NODE:
        needs(f"node {NODE}")
    subprocess.run(["bash", str(HERE / "install.sh"), str(PEER)], check=True, timeout=900)
    return PEER


class Writer:
    """An account of the network, which writes by the reference client."""

    def __init__(self, base: str, handle: str) -> None:
        from atproto import Client, models

        self.models, self.client, self.handle = models, Client(base), handle
        data = models.ComAtprotoServerCreateAccount.Data(handle=handle, email=f"{handle}@example.test", password="pw")
        session = self.client.com.atproto.server.create_account(data)
        self.client.login(handle, "pw", fetch_bsky_profile=False)
        self.did = str(session.did)

    def post(self, text: str, **more: Any) -> Any:
        """Publish a post and return its reference."""
        return self.client.send_post(text, profile_identify=self.did, langs=more.pop("langs", ["fr"]), **more)

    def reply(self, to: Any, text: str) -> Any:
        """Answer a post."""
        ref = self.models.create_strong_ref(to)
        return self.post(text, reply_to=self.models.AppBskyFeedPost.ReplyRef(root=ref, parent=ref))

    def many(self, texts: list[str]) -> list[str]:
        """Publish many posts, a hundred a call; return their addresses."""
        found = []
        for batch in _batches(texts, 100):
            writes = [
                self.models.ComAtprotoRepoApplyWrites.Create(
                    collection="app.bsky.feed.post",
                    value={
                        "$type": "app.bsky.feed.post",
                        "text": text,
                        "createdAt": self.client.get_current_time_iso(),
                        "langs": ["fr"],
                    },
                )
                for text in batch
            ]
            answer = self.client.com.atproto.repo.apply_writes({"repo": self.did, "writes": writes})
            found += [result.uri for result in answer.results or []]
        return found

    def repost(self, post: Any) -> str:
        """Repeat a post; return the address of the repetition."""
        record = {
            "$type": "app.bsky.feed.repost",
            "subject": {"uri": post.uri, "cid": post.cid},
            "createdAt": self.client.get_current_time_iso(),
        }
        return self.put("app.bsky.feed.repost", record)

    def put(self, collection: str, record: dict[str, Any], key: str | None = None) -> str:
        """Write a record as it is; with a key, over what was there."""
        data = {"repo": self.did, "collection": collection, "record": record}
        repo = self.client.com.atproto.repo
        if key is None:
            return str(repo.create_record(data).uri)
        return str(repo.put_record({**data, "rkey": key}).uri)

    def delete(self, uri: str) -> None:
        """Delete a record."""
        _, _, did, collection, key = uri.split("/")
        self.client.com.atproto.repo.delete_record({"repo": did, "collection": collection, "rkey": key})


def _batches(texts: list[str], size: int) -> list[list[str]]:
    return [texts[n : n + size] for n in range(0, len(texts), size)]


class Bluesky:
    """The network: `pds` and `plc` are its addresses."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.state = folder, folder / "state.json"

    def start(self) -> "Bluesky":
        """Start both servers; their data live in the folder and go with it."""
        peer = install()
        environment = {**os.environ, "TMPDIR": str(self.folder), "PEER": str(peer)}
        node = shutil.which("node") or "node"
        self.server = Server([node, str(HERE / "start.js"), str(self.state)], self.folder / "log", env=environment)
        self.server.wait_until(self.state.exists, seconds=60)
        found = json.loads(self.state.read_text())
        self.pds, self.plc = str(found["pds"]), str(found["plc"])
        self.port = int(self.pds.rpartition(":")[2])
        return self

    def writer(self, handle: str) -> Writer:
        """Open an account."""
        return Writer(self.pds, handle)

    def stop(self) -> None:
        """Stop both servers."""
        self.server.stop()
