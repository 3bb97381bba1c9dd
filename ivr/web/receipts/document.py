"""A text in blocks, for a page and for a PDF alike: what is a heading, a list or a table is said once."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, TypeAlias


@dataclass(frozen=True, slots=True)
class Words:
    """A run of text. `language` is its own where it is not the document's; `href` makes it a link; `code` is for what
    has to be copied to the letter."""

    text: str
    language: str = ""
    href: str = ""
    code: bool = False


@dataclass(frozen=True, slots=True)
class Paragraph:
    kind: ClassVar = "paragraph"
    words: tuple[Words, ...]


@dataclass(frozen=True, slots=True)
class Bullets:
    kind: ClassVar = "bullets"
    items: tuple[tuple[Words, ...], ...]


@dataclass(frozen=True, slots=True)
class Facts:
    """Terms with their values."""

    kind: ClassVar = "facts"
    pairs: tuple[tuple[str, Words], ...]


@dataclass(frozen=True, slots=True)
class Row:
    """`quotes` are what somebody said, under what happened."""

    number: int
    when: str
    what: str
    quotes: tuple[Words, ...]
    note: str


@dataclass(frozen=True, slots=True)
class Table:
    kind: ClassVar = "table"
    caption: str
    headings: tuple[str, ...]
    rows: tuple[Row, ...]


Block: TypeAlias = Paragraph | Bullets | Facts | Table


@dataclass(frozen=True, slots=True)
class Section:
    heading: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """`sender` is who it is from, `reference` what stands on each page of the PDF."""

    title: str
    language: str
    sender: str
    reference: str
    lead: str
    facts: Facts
    sections: tuple[Section, ...]


def paragraph(*words: str | Words) -> Paragraph:
    return Paragraph(_words(words))


def bullets(*items: str | Words | Sequence[str | Words]) -> Bullets:
    return Bullets(tuple(_words((item,) if isinstance(item, str | Words) else item) for item in items))


def facts(*pairs: tuple[str, str | Words]) -> Facts:
    return Facts(tuple((term, Words(value) if isinstance(value, str) else value) for term, value in pairs))


def code(text: str) -> Words:
    return Words(text, code=True)


def _words(given: Sequence[str | Words]) -> tuple[Words, ...]:
    return tuple(Words(one) if isinstance(one, str) else one for one in given)
