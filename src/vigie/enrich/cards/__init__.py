"""What each labeller reaches, on which posts, and what is not known of it."""
