"""Say of posts what their source does not: language, tone."""
