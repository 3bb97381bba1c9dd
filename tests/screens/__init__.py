"""The pictures of the pages in docs/screens: `make screenshots`."""
