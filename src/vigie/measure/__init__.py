"""Turn counts into measures: shares and their intervals. Pure; counts come from the store."""
