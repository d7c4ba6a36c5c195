"""What a mailbox space is told, and the bounds of its reads."""

from vigie.collect.source import Option

OPTIONS = (
    Option("user", "User", "As the mail server knows it, often the whole address.", is_required=True),
    Option("password", "Password", "Of the mailbox, or better one made for this application alone.", is_secret=True, is_required=True),
    Option("encryption", "Encryption", "Left empty the connection is encrypted; “none” sends the password in clear, for a server on this machine."),
)  # fmt: skip

IMAP_PORT, IMAPS_PORT = 143, 993
"""IANA; on 993 TLS begins at once, on others by STARTTLS (RFC 8314 §3.2, RFC 9051 §11.1)."""

MAIL_MOST = 2_000_000
"""Bytes read of one mail: texts stand before attachments, which are not read."""

MAILS_MOST = 500
"""Mails of one read; the others wait for the next."""

PAGE_MAILS, PAGE_BYTES = 25, 4_000_000
"""Mails and bytes of one page: what is read again after a kill."""

SESSION_MOST = 64_000_000
"""Bytes that a server may send in one session: beyond, it does not say what it was asked."""

PARTS_MOST = 200
"""Parts of a mail that are looked at: more are no letter."""

TEXT_MOST = 100_000
"""Characters of a post's text: longer is a book, and is cut."""

HEADER_MOST = 1_000
"""Characters of a header (RFC 5322 §2.1.1 allows 998 a line)."""
