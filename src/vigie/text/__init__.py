"""Letters and words: folding, tokens, places."""
