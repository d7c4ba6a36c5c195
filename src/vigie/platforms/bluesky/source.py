"""Read Bluesky and other servers of the AT Protocol.

Tried on a real network of a directory and a server of repositories: repositories and the firehose. Author feeds, search,
counts, accounts and threads need an index (AppView), which no package gives: they were tried on a double of our own,
whose answers the reference client reads too, and not on a real server.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from urllib.parse import urlsplit

from vigie.collect.source import Account, Counts, Fetch, Found, Page, Parsed, Place, Tried
from vigie.errors import FatalError, SkippableError
from vigie.platforms.bluesky import accounts, index, search, stream
from vigie.platforms.bluesky.client import actor_of, asked, identity_of, xrpc
from vigie.platforms.bluesky.parse import parse
from vigie.platforms.bluesky.rows import POST, parts_of
from vigie.platforms.bluesky.settings import OPTIONS, Servers
from vigie.schema.vocab import Network


class BlueskySource:
    """Accounts, searches and firehoses of the AT Protocol."""

    kind = "bluesky"
    title = "Bluesky"
    tried = Tried.SERVER
    options = OPTIONS

    def __init__(self, servers: Servers | None = None) -> None:
        self._servers = servers or Servers()

    def __repr__(self) -> str:
        return "BlueskySource()"

    def discover(self, url: str, *, fetch: Fetch, now: datetime) -> Found | None:
        """Say whether the address is an account, a search or a firehose of the network."""
        if actor := actor_of(url):
            return self._account_found(actor, fetch)
        if words := search.words_of(url):
            return Found(self.kind, search.address_of(words), words[:200], Network.BLUESKY.value, ("search",))
        if address := stream.address_of(url):
            return self._firehose_found(address, fetch)
        return None

    def _account_found(self, actor: str, fetch: Fetch) -> Found | None:
        try:
            account = identity_of(actor, self._servers, fetch)
        except (FatalError, SkippableError) as error:
            if isinstance(error, FatalError) and error.code in ("net.private", "net.address"):
                raise
            return None
        title = account.handle or account.did
        return Found(self.kind, f"at://{account.did}", title, Network.BLUESKY.value, tuple(accounts.COLLECTIONS))

    def _firehose_found(self, address: str, fetch: Fetch) -> Found | None:
        parts = urlsplit(address)
        server = f"{'https' if parts.scheme == 'wss' else 'http'}://{parts.netloc}"
        try:
            asked(fetch, xrpc(server, "com.atproto.sync.listRepos", {"limit": 1}))
        except FatalError as error:
            if error.code in ("net.private", "net.address"):
                raise
            return None
        return Found(self.kind, address, parts.netloc, Network.BLUESKY.value, ("firehose",))

    def pages(self, place: Place, cursor: str | None, *, fetch: Fetch, now: datetime) -> Iterator[Page]:
        """Give what is new at an account, in a search, or in a firehose since the cursor."""
        servers = self._servers.told(place.options)
        if actor := actor_of(place.address):
            reading = accounts.feed if place.options.get("through", "").lower() == "appview" else accounts.repository
            yield from reading(actor, place, cursor, servers, fetch, now)
        elif words := search.words_of(place.address):
            yield from search.pages(words, cursor, search.Session(place, servers, fetch), now)
        elif address := stream.address_of(place.address):
            yield from stream.pages(address, cursor, fetch=fetch, now=now)
        else:
            raise _no_address()

    def parse(self, page: Page) -> Parsed:
        """Turn a page into posts."""
        return parse(page)

    def streams(self, place: Place) -> bool:
        """Say whether the place is a firehose."""
        return stream.address_of(place.address) is not None

    def stream(
        self,
        place: Place,
        cursor: str | None,
        *,
        fetch: Fetch,
        clock: Callable[[], datetime],
        stopping: Callable[[], bool],
    ) -> Iterator[Page]:
        """Listen to a firehose."""
        address = stream.address_of(place.address)
        if address is None:
            raise _no_address()
        yield from stream.stream(address, cursor, fetch=fetch, clock=clock, stopping=stopping)

    def recounts(self, native_id: str) -> bool:
        """Say that posts are counted; repetitions have no counts of their own."""
        parts = parts_of(native_id)
        return parts is not None and parts[1] == POST

    def recount(self, place: Place, native_ids: Sequence[str], *, fetch: Fetch) -> Mapping[str, Counts]:
        """Read the counts of posts from the index, 25 a call."""
        uris = [native_id for native_id in native_ids if self.recounts(native_id)]
        return index.counts(self._servers.told(place.options).appview, uris, fetch)

    def account(self, url: str, *, fetch: Fetch, now: datetime) -> Account | None:
        """Read the counts of an account from the index."""
        actor = actor_of(url)
        return index.account(self._servers.appview, actor, fetch) if actor else None

    def conversation(self, place: Place, native_id: str, *, fetch: Fetch, now: datetime) -> Iterator[Page]:
        """Read what a post answers, and its answers, from the index."""
        if self.recounts(native_id):
            yield index.thread(self._servers.told(place.options).appview, native_id, fetch, now)


def _no_address() -> FatalError:
    return FatalError("This is no account, search or firehose of Bluesky.", code="bluesky.address")


SOURCE = BlueskySource()
