"""The worker: one claimer, many runners."""
