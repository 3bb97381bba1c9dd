"""The caller's receipt as its readers see it: one text, as a page and as a PDF."""
