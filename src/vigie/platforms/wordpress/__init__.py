"""WordPress sites: posts and comments by the REST interface, by their feeds where it is closed."""
