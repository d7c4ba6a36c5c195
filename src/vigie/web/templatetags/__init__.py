"""Tags and filters, loaded in every template."""
