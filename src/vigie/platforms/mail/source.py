"""Read a mailbox by IMAP. The cursor is the folder's UIDVALIDITY and the highest number read under it."""

import json
from collections.abc import Iterator, Sequence
from datetime import datetime

from vigie.collect.source import Fetch, Found, Page, Parsed, Place, Tried
from vigie.platforms.mail.client import mailbox_of, opened_folder, packed
from vigie.platforms.mail.parse import parse
from vigie.platforms.mail.settings import MAIL_MOST, MAILS_MOST, OPTIONS, PAGE_BYTES, PAGE_MAILS
from vigie.schema.vocab import Network


class MailSource:
    """Alerts, newsletters and clippings of a mailbox."""

    kind = "mail"
    title = "mailbox"
    tried = Tried.SERVER
    options = OPTIONS

    def __repr__(self) -> str:
        return "MailSource()"

    def discover(self, url: str, *, fetch: Fetch, now: datetime) -> Found | None:
        """Say whether the address is one of a mailbox; nobody is asked, for a mailbox wants a log-in first."""
        if not url.lower().startswith(("imap://", "imaps://")):
            return None
        box = mailbox_of(url)
        return Found(self.kind, box.address, f"{box.folder} · {box.host}", Network.OTHER.value, ("posts",))

    def pages(self, place: Place, cursor: str | None, *, fetch: Fetch, now: datetime) -> Iterator[Page]:
        """Give the mails above the last number read, lowest first; all of them when the numbers mean nothing any more."""
        box = mailbox_of(place.address)
        seen = json.loads(cursor) if cursor else {}
        with opened_folder(place, box, fetch) as session:
            validity = session.uid_validity()
            last = int(seen.get("uid", 0)) if seen.get("validity") == validity else 0
            for uids in _lots(session.after(last)[:MAILS_MOST]):
                mails = session.mails(uids)
                after = json.dumps({"validity": validity, "uid": uids[-1]})
                yield Page(box.address, packed(mails), "message/rfc822", "posts", now, after)

    def parse(self, page: Page) -> Parsed:
        """Turn mails into posts."""
        return parse(page)


def _lots(mails: Sequence[tuple[int, int]]) -> Iterator[list[int]]:
    """Part mails into lots of a bounded number and size."""
    lot: list[int] = []
    weight = 0
    for uid, size in mails:
        if lot and (len(lot) >= PAGE_MAILS or weight + min(size, MAIL_MOST) > PAGE_BYTES):
            yield lot
            lot, weight = [], 0
        lot.append(uid)
        weight += min(size, MAIL_MOST)
    if lot:
        yield lot


SOURCE = MailSource()
"""What every plug-in offers under its entry point."""
