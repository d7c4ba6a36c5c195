"""Who speaks and what for: classes of words, and rules over wordings, written for this project (see each file)."""
