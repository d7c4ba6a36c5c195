"""Word lists of tone, compiled from free lexicons; see LICENSES.md beside this file."""
