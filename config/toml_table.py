"""PURE. A TOML file read field by field, with faults that point at file, line and field."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import TypeVar

E = TypeVar("E", bound=StrEnum)

_HEADER = re.compile(r"\s*(\[\[|\[)\s*([\w.\-]+)\s*\]")
_KEY = re.compile(r"\s*([\w\-]+(?:\.[\w\-]+)*)\s*=")


class TomlFile:
    """One file's text and the faults found in it. Raises `tomllib.TOMLDecodeError` when it is not TOML."""

    def __init__(self, name: str, text: str) -> None:
        self.name = name
        self.faults: list[str] = []
        self.content: Mapping[str, object] = tomllib.loads(text)
        self._lines = _line_numbers(text)

    @property
    def root(self) -> "TomlTable":
        return TomlTable(self, self.content, "")

    def report(self, field: str, fault: str) -> None:
        """Note a fault; a field that is not there gets the line of the table that should hold it."""
        place = field
        while place not in self._lines and "." in place:
            place = place.rpartition(".")[0]
        line = self._lines.get(place)
        self.faults.append(f"{self.name}:{line}: {field} {fault}" if line else f"{self.name}: {field} {fault}")


class TomlTable:
    """A table of the file. Each getter notes what is wrong and then gives a neutral value, so that all faults show."""

    def __init__(self, file: TomlFile, values: Mapping[str, object] | None, path: str) -> None:
        """`values` is None for a table that is missing, which is one fault and not one for each of its fields."""
        self._file = file
        self._values = values or {}
        self._missing = values is None
        self._path = path
        self._read: set[str] = set()

    def report(self, key: str, fault: str) -> None:
        self._file.report(f"{self._path}{key}", fault)

    def has(self, key: str) -> bool:
        """Whether the field is there at all, or the whole table is missing, which is reported by itself."""
        return self._missing or key in self._values

    def text(self, key: str, pattern: str = r"(?s).*\S.*", expected: str = "must be a text") -> str:
        value = self._get(key)
        if isinstance(value, str) and re.fullmatch(pattern, value):
            return value
        self._wrong(key, value, expected)
        return ""

    def texts(self, key: str, pattern: str, expected: str) -> tuple[str, ...]:
        value = self._get(key)
        items = value if isinstance(value, list) else [None]
        texts = tuple(item for item in items if isinstance(item, str) and re.fullmatch(pattern, item))
        if len(texts) != len(items):
            self._wrong(key, value, f"must be a list; each item {expected}")
        return texts

    def words(self, key: str, languages: Sequence[str]) -> Mapping[str, str]:
        """A text in each of these languages and no other, written as `key.nl = "..."`."""
        value = self._get(key)
        if not isinstance(value, dict):
            self._wrong(key, value, f"must be a text in each language, like {key}.{languages[0]}")
            return dict.fromkeys(languages, "")
        table = TomlTable(self._file, value, f"{self._path}{key}.")
        texts = {language: table.text(language) for language in languages}
        table.finish()
        return texts

    def flag(self, key: str) -> bool:
        value = self._get(key)
        if not isinstance(value, bool):
            self._wrong(key, value, "must be true or false")
        return value is True

    def number(self, key: str, low: float, high: float) -> float:
        value = self._get(key)
        if isinstance(value, int | float) and not isinstance(value, bool) and low <= value <= high:
            return value
        self._wrong(key, value, f"must be a number from {low} to {high}")
        return low

    def count(self, key: str, low: int, high: int) -> int:
        value = self._get(key)
        if isinstance(value, int) and not isinstance(value, bool) and low <= value <= high:
            return value
        self._wrong(key, value, f"must be a whole number from {low} to {high}")
        return low

    def choice(self, key: str, choices: type[E]) -> E:
        value = self._get(key)
        if isinstance(value, str) and value in set(choices):
            return choices(value)
        self._wrong(key, value, f"must be one of: {', '.join(choices)}")
        return next(iter(choices))

    def table(self, key: str) -> "TomlTable":
        value = self._get(key)
        if not isinstance(value, dict):
            self._wrong(key, value, "must be a table")
            value = None
        return TomlTable(self._file, value, f"{self._path}{key}.")

    def tables(self, key: str) -> tuple["TomlTable", ...]:
        """The tables of an array; an absent array is empty."""
        self._read.add(key)
        value = self._values.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            self._wrong(key, value, "must be an array of tables")
            return ()
        return tuple(TomlTable(self._file, item, f"{self._path}{key}.{n}.") for n, item in enumerate(value, start=1))

    def finish(self) -> None:
        """Report fields that nobody asked for: a misspelt setting must not be silently without effect."""
        for key in self._values.keys() - self._read:
            self.report(key, "is not a known field")

    def _get(self, key: str) -> object:
        self._read.add(key)
        return self._values.get(key)

    def _wrong(self, key: str, value: object, expected: str) -> None:
        if not self._missing:
            self.report(key, expected if value is not None else f"is missing; it {expected}")


def _line_numbers(text: str) -> dict[str, int]:
    """Field path -> line; tables in arrays count from 1. tomllib keeps no places, so headers and keys are found again.

    Plain keys only, as our files use; lines within a multi-line text may be taken for keys, which only adds entries.
    """
    lines: dict[str, int] = {}
    counts: dict[str, int] = {}
    prefix = ""
    for number, line in enumerate(text.splitlines(), start=1):
        if header := _HEADER.match(line):
            path = header[2]
            if header[1] == "[[":
                counts[path] = counts.get(path, 0) + 1
                lines.setdefault(path, number)
                path = f"{path}.{counts[path]}"
            lines.setdefault(path, number)
            prefix = f"{path}."
        elif key := _KEY.match(line):
            lines.setdefault(f"{prefix}{key[1]}", number)
            lines.setdefault(f"{prefix}{key[1].partition('.')[0]}", number)
    return lines
