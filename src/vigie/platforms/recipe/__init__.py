"""Forums and pages without a feed, read by a recipe: CSS selectors in one TOML text."""
