"""A mailbox in memory that speaks as much IMAP as a reader needs, and lies when told to (RFC 3501)."""

import base64
import re
import socket
import threading
from collections.abc import Sequence
from contextlib import suppress


class Mailbox:
    """One folder; each connection is served by a thread."""

    def __init__(
        self, mails: Sequence[bytes], *, user: str = "alertes", password: str = "sésame", validity: int = 7
    ) -> None:
        self.mails = dict(enumerate(mails, start=1))
        self.user, self.password, self.validity = user, password, validity
        self.folder = "INBOX"
        self.capabilities = "IMAP4rev1 AUTH=PLAIN"
        self.said: list[str] = []
        """Commands received, without their literals."""
        self.refusal = "[AUTHENTICATIONFAILED] Authentication failed."
        self.lie = 0
        """Bytes that a literal is said to have, instead of its length."""
        self.cut_after = 10**9
        """FETCH answers given before the connection is closed in the midst of one."""
        self.uid_last = False
        """Says UID after the literal, as some servers do."""
        self._threads: list[threading.Thread] = []

    def dial(self, host: str, port: int) -> socket.socket:
        """Return a connection."""
        ours, theirs = socket.socketpair()
        theirs.settimeout(10)
        threading.Thread(target=self._serve, args=(ours,), daemon=True).start()
        return theirs

    def _serve(self, connection: socket.socket) -> None:
        with connection, suppress(OSError, ValueError):
            file = connection.makefile("rwb")
            self._say(file, b"* OK ready")
            while line := file.readline():
                tag, _, rest = line.decode().strip().partition(" ")
                self.said.append(rest)
                if not self._answer(file, tag, rest):
                    return

    def _say(self, file: object, *lines: bytes) -> None:
        for line in lines:
            file.write(line + b"\r\n")  # type: ignore[attr-defined]
        file.flush()  # type: ignore[attr-defined]

    def _answer(self, file: object, tag: str, rest: str) -> bool:
        name = rest.split()[0].upper() if rest.split() else ""
        done = f"{tag} OK done".encode()
        if name == "CAPABILITY":
            self._say(file, f"* CAPABILITY {self.capabilities}".encode(), done)
        elif name == "AUTHENTICATE":
            self._say(file, b"+ ")
            given = base64.b64decode(file.readline()).decode().split("\0")  # type: ignore[attr-defined]
            self._say(file, done if given[1:] == [self.user, self.password] else f"{tag} NO {self.refusal}".encode())
        elif name == "LOGIN":
            user, password = (text.replace("\\", "\\\\").replace('"', '\\"') for text in (self.user, self.password))
            fits = rest == f'LOGIN "{user}" "{password}"'
            self._say(file, done if fits else f"{tag} NO {self.refusal}".encode())
        elif name == "EXAMINE":
            if rest != f'EXAMINE "{self.folder}"':
                self._say(file, f"{tag} NO [NONEXISTENT] no such folder".encode())
            else:
                self._say(file, b"* %d EXISTS" % len(self.mails), b"* OK [UIDVALIDITY %d] valid" % self.validity, done)
        elif rest.upper().startswith("UID FETCH"):
            return self._fetch(file, tag, rest)
        else:
            self._say(file, f"{tag} BAD unknown".encode())
        return True

    def _fetch(self, file: object, tag: str, rest: str) -> bool:
        uids = rest.split()[2]
        if uids.endswith(":*"):
            first, last = int(uids[:-2]), max(self.mails, default=0)
            # As RFC 3501 has it, n:* is *:n when n lies above the last: the last mail is given.
            wanted = [u for u in self.mails if min(first, last) <= u]
        else:
            wanted = [u for u in map(int, uids.split(",")) if u in self.mails]
        most = re.search(r"<0\.(\d+)>", rest)
        for number, uid in enumerate(wanted, start=1):
            if not most:
                self._say(file, b"* %d FETCH (UID %d RFC822.SIZE %d)" % (number, uid, len(self.mails[uid])))
                continue
            raw = self.mails[uid][: int(most.group(1))]
            self.cut_after -= 1
            if self.cut_after < 0:
                file.write(b"* %d FETCH (UID %d BODY[]<0> {%d}\r\n" % (number, uid, len(raw)) + raw[: len(raw) // 2])  # type: ignore[attr-defined]
                file.flush()  # type: ignore[attr-defined]
                return False
            head = b"BODY[]<0> {%d}\r\n" % (self.lie or len(raw))
            before, after = (b"", b" UID %d" % uid) if self.uid_last else (b"UID %d " % uid, b"")
            self._say(file, b"* %d FETCH (" % number + before + head + raw + after + b")")
        self._say(file, f"{tag} OK done".encode())
        return True
