"""Servers with Mastodon's interface: hashtags, accounts, public timelines, search, conversations, streams."""
