"""Lemmy: communities, people, local posts and searches of a server, posts and comments alike; one post."""
