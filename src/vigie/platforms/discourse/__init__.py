"""Discourse forums: the topics of a forum, of a category or of a tag, with their posts; one topic."""
