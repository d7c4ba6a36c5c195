"""Trained weights; `licences/README.md` says what each was made from."""
