"""E-mail alerts, newsletters and press clippings, read from a mailbox by IMAP; nothing is marked, moved or deleted."""
