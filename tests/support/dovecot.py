"""Debian's Dovecot on loopback, in a temporary folder: one user, one mailbox, filled by APPEND."""

import getpass
import imaplib
import os
import shutil
import time
from pathlib import Path

from support.processes import Server, answers, free_port, needs

CONFIG = """
base_dir={folder}/run
state_dir={folder}/lib
log_path={folder}/dovecot.log
protocols=imap
listen=127.0.0.1
ssl={ssl}
disable_plaintext_auth=no
{users}
mail_location=maildir:{folder}/mail/%u
mail_uid={uid}
mail_gid={gid}
first_valid_uid=1
first_valid_gid=1
passdb {{
  driver=passwd-file
  args=scheme=PLAIN {folder}/users
}}
userdb {{
  driver=static
  args=uid={uid} gid={gid} home={folder}/mail/%u
}}
service imap-login {{
  inet_listener imap {{
    port={port}
  }}
  inet_listener imaps {{
    port={tls_port}
  }}
{chroot}
}}
service anvil {{
{chroot}
}}
namespace inbox {{
  inbox=yes
}}
"""

NOBODY = 65534
"""The user `nobody` of Debian."""


class Dovecot:
    """A mail server that answers like any other."""

    user, password = "alertes", "mot de passe é"

    def __init__(self, folder: Path) -> None:
        needs("dovecot", "openssl")
        self.folder, self.port, self.tls_port = folder, free_port(), free_port()
        self.server: Server | None = None

    def start(self) -> "Dovecot":
        """Write its configuration, and start it."""
        self.folder.chmod(0o755)
        for name in ("run", "lib", "mail"):
            (self.folder / name).mkdir(exist_ok=True)
        (self.folder / "users").write_text(f"{self.user}:{{PLAIN}}{self.password}::::::\n")
        root = os.geteuid() == 0
        if root:
            os.chown(self.folder / "mail", NOBODY, NOBODY)
        me = getpass.getuser()
        users = (
            "default_internal_user=dovecot\ndefault_login_user=dovenull"
            if root
            else f"default_internal_user={me}\ndefault_internal_group={me}\ndefault_login_user={me}"
        )
        uid, gid = (NOBODY, NOBODY) if root else (os.geteuid(), os.getegid())
        (self.folder / "dovecot.conf").write_text(
            CONFIG.format(
                folder=self.folder, port=self.port, users=users, uid=uid, gid=gid, chroot="" if root else "  chroot =",
                tls_port=self.tls_port, ssl=self._certificate(),
            )
        )  # fmt: skip
        self.serve()
        return self

    def _certificate(self) -> str:
        """Make a certificate that nobody vouches for."""
        import subprocess

        key, cert = self.folder / "key.pem", self.folder / "cert.pem"
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", str(key), "-out", str(cert), "-days", "2",
             "-subj", "/CN=mail.example"],
            check=True, capture_output=True,
        )  # fmt: skip
        return f"yes\nssl_cert=<{cert}\nssl_key=<{key}"

    def serve(self) -> None:
        """Start the server."""
        program = shutil.which("dovecot") or "/usr/sbin/dovecot"
        self.server = Server([program, "-F", "-c", str(self.folder / "dovecot.conf")], self.folder / "out.log")
        self.server.wait_until(lambda: answers(self.port))

    def halt(self) -> None:
        """Stop the server; its mails stay."""
        if self.server is not None:
            self.server.stop()
            until = time.monotonic() + 5
            while answers(self.port) and time.monotonic() < until:
                time.sleep(0.05)

    stop = halt

    def box(self) -> imaplib.IMAP4:
        """Return a session of a user who reads and writes."""
        session = imaplib.IMAP4("127.0.0.1", self.port)
        session.authenticate("PLAIN", lambda _: b"\0".join([b"", self.user.encode(), self.password.encode()]))
        return session

    def append(self, *mails: bytes, folder: str = "INBOX") -> None:
        """Put mails into a folder, unread."""
        session = self.box()
        session.create(folder)
        for mail in mails:
            assert session.append(folder, "", "", mail)[0] == "OK"
        session.logout()

    def unread(self, folder: str = "INBOX") -> int:
        """Count the mails that nobody read."""
        session = self.box()
        session.select(folder, readonly=True)
        found = session.search(None, "UNSEEN")[1][0]
        session.logout()
        return len(found.split())
