"""PURE. Cells of a CSV file that people open in a spreadsheet.

A spreadsheet runs a cell that starts like a formula (OWASP, CSV injection), in ASCII or full-width. It skips spaces
before it, and where its own separator is another than ours, as `;` is in Dutch ones, a cell may start in the middle of
what we wrote.
"""

import re

STARTS = "=+\\-@\uff1d\uff0b\uff0d\uff20"
BLANK = "\\s\u00a0\u200b\u2060\ufeff\x00-\x1f"
FORMULA = re.compile(rf"(^|[;,|\t\r\n])(?=[{BLANK}\"]*[{STARTS}])")
CONTROL_START = re.compile(r"^[\t\r\n]")


def plain_cell(value: str) -> str:
    """An apostrophe makes text of each place where a formula could start, and of a cell that starts with a tab or a new
    line. Text that is none of these stays as it is."""
    marked = FORMULA.sub(r"\1'", value)
    return f"'{marked}" if CONTROL_START.match(marked) else marked


def json_cell(text: str) -> str:
    """JSON starts with a bracket, so only a separator within it could begin a formula; JSON can write that character
    otherwise, and the value stays what it was."""
    return re.sub(rf"(;[{BLANK}\"]*)([{STARTS}])", lambda found: f"{found[1]}\\u{ord(found[2]):04x}", text)
