"""A page watched for change: its article, or the part under a CSS selector."""
