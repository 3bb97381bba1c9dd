"""PURE. Cells of a CSV file that people open in a spreadsheet."""

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")


def plain_cell(value: str) -> str:
    """A spreadsheet runs a cell that starts like a formula; an apostrophe makes it text (OWASP, CSV injection)."""
    return "'" + value if value.startswith(FORMULA_STARTS) else value
