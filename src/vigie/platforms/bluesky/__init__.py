"""Bluesky and other servers of the AT Protocol: repositories, author feeds, search, the firehose."""
