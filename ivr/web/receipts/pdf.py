"""The receipt as a PDF for everybody: tagged (PDF/UA-1), to be kept (PDF/A-3a), with its file as an attachment.

Typst draws it from `receipt.typ`. What it draws with is in its package: no font, file or address of elsewhere is used,
and the same receipt gives the same bytes.
"""

import json
import unicodedata
from dataclasses import fields, is_dataclass
from functools import cache
from pathlib import Path
from typing import Any

import typst

from ivr.calls.receipt_file import Issued
from ivr.web.language import gettext
from ivr.web.receipts.document import Document
from ivr.web.receipts.telling import file_name

SOURCE = Path(__file__).with_name("receipt.typ").read_bytes()

PRINTABLE = (range(0x20, 0x500), range(0x1E00, 0x2030), range(0x20A0, 0x20C1))
"""Latin, Greek and Cyrillic letters, punctuation and currencies: typst's own fonts have all of these."""

CANNOT = "□"
"""For anything else: PDF/UA-1 allows no character without a shape, and would rather have no document."""


def draw_pdf(issued: Issued, document: Document) -> bytes:
    told = _plain(document)
    at = issued.issued_at
    told["date"] = {name: getattr(at, name) for name in ("year", "month", "day", "hour", "minute", "second")}
    told["file"] = {
        "name": file_name(issued, ".json"),
        "description": gettext("Het bewijs als bestand, om te controleren"),
    }
    compiler = typst.Compiler(
        SOURCE,
        font_paths=_fonts(),
        ignore_system_fonts=True,
        sys_inputs={"document": json.dumps(told), "file": issued.as_file().decode()},
    )
    drawn = compiler.compile(format="pdf", pdf_standards=["ua-1", "a-3a"], timestamp=int(at.timestamp()))
    if not isinstance(drawn, bytes):
        raise TypeError("a PDF is one file")
    return drawn


def printable(text: str) -> str:
    """As it can be printed; characters that only steer others go, so that nothing reads other than it is."""
    return "".join(map(_printable, unicodedata.normalize("NFC", text)))


def _printable(sign: str) -> str:
    category = unicodedata.category(sign)
    if category in ("Cf", "Cc", "Cn"):
        return " " if sign.isspace() else ""
    return sign if any(ord(sign) in part for part in PRINTABLE) else CANNOT


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False)


def _plain(value: Any) -> Any:
    """As JSON, with the kind of each block."""
    if isinstance(value, str):
        return printable(value)
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    if is_dataclass(value):
        kind = {"kind": value.kind} if hasattr(value, "kind") else {}
        return kind | {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    return value
