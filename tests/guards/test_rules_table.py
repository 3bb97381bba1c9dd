"""docs/rules.md: every rule, agency, case and profile field has its row, and every row names what is really there."""

import ast
import dataclasses
import re
import typing
from collections.abc import Iterator, Mapping
from functools import cache

import pytest

from config.policy import RULES, AgencyPolicy
from tests.guards.tree import ROOT

NEVER_ASKED = ("N1", "N2", "N3")
"""A justification, a promise about court, silence about the agency's own recording."""
CASES = tuple(f"C{number}" for number in range(1, 9))
PAGE = (ROOT / "docs" / "rules.md").read_text(encoding="utf-8")


def tables(page: str) -> Mapping[str, list[dict[str, str]]]:
    """Heading -> rows of the table below it, each as column -> cell."""
    found: dict[str, list[dict[str, str]]] = {}
    for part in page.split("\n## ")[1:]:
        heading, _, text = part.partition("\n")
        lines = [line.strip("|").split("|") for line in text.splitlines() if line.startswith("|")]
        columns, _, *rows = ([cell.strip() for cell in line] for line in lines)
        found[heading] = [dict(zip(columns, row, strict=True)) for row in rows]
    return found


TABLES = tables(PAGE)
ROWS = [pytest.param(row, id=next(iter(row.values())).strip("`")) for rows in TABLES.values() for row in rows]


def named(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def fields(kind: type, path: str = "") -> Iterator[str]:
    """Dotted paths of the fields of a dataclass and of the dataclasses in them, however wrapped."""
    hints = typing.get_type_hints(kind)
    for field in dataclasses.fields(kind):
        name = f"{path}{field.name}"
        yield name
        for inner in inner_dataclasses(hints[field.name]):
            yield from fields(inner, f"{name}.")


def inner_dataclasses(hint: object) -> Iterator[type]:
    if isinstance(hint, type) and dataclasses.is_dataclass(hint):
        yield hint
    for argument in typing.get_args(hint):
        yield from inner_dataclasses(argument)


FIELDS = list(fields(AgencyPolicy))


@cache
def names_of_tests(path: str) -> frozenset[str]:
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    functions = (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    return frozenset(function.name for function in functions if function.name.startswith("test_"))


def test_there_are_three_tables() -> None:
    assert list(TABLES) == ["Rules, and what may never be asked", "Agencies and cases", "Profile fields"]


def test_every_rule_and_everything_that_may_never_be_asked_has_a_row() -> None:
    assert [row["id"] for row in TABLES["Rules, and what may never be asked"]] == [*RULES, *NEVER_ASKED]


def test_every_agency_and_every_case_has_a_row() -> None:
    profiles = {path.stem for path in (ROOT / "config" / "policies").glob("*.toml")} - {"example"}
    ids = [row["id"] for row in TABLES["Agencies and cases"]]
    assert sorted(ids) == sorted([*profiles, *CASES])


def test_every_field_of_a_profile_has_a_row() -> None:
    assert [named(row["field"]) for row in TABLES["Profile fields"]] == [[field] for field in FIELDS]


@pytest.mark.parametrize("row", ROWS)
def test_a_row_names_settings_that_exist_or_says_that_there_is_none(row: dict[str, str]) -> None:
    if "setting" in row:
        settings = named(row["setting"])
        assert settings or row["setting"].startswith("none: ")
        assert set(settings) <= set(FIELDS)


@pytest.mark.parametrize("row", ROWS)
def test_a_row_names_code_that_exists(row: dict[str, str]) -> None:
    paths = named(row["code"])
    assert paths
    assert not [path for path in paths if not (ROOT / path).is_file()]


@pytest.mark.parametrize("row", ROWS)
def test_a_row_names_tests_that_exist(row: dict[str, str]) -> None:
    places = [place.partition("::") for place in named(row["test"])]
    assert places
    assert not [path for path, _, _ in places if not (path.startswith("tests/") and (ROOT / path).is_file())]
    assert not [name for path, _, name in places if name not in names_of_tests(path)]


def test_nothing_but_names_stands_in_the_cells_for_code_and_tests() -> None:
    """A name without its quotes would not be looked at."""
    cells = [row[column] for rows in TABLES.values() for row in rows for column in ("code", "test")]
    assert not [cell for cell in cells if re.sub(r"`[^`]+`", "", cell).strip()]
