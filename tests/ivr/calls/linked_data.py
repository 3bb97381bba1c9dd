"""Reading a consent record as an outsider does: as linked data, with nothing fetched."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from pyld import jsonld

import config
from storage.records import Json

SCHEMA = json.loads((Path(config.__file__).parent / "schemas" / "consent-record.schema.json").read_text("utf-8"))
TERMS = frozenset(
    line for line in (Path(__file__).parent / "dpv_terms.txt").read_text("utf-8").splitlines() if line[0] != "#"
)
RESERVED = (
    "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "http://www.w3.org/2001/XMLSchema#",
    "http://purl.org/dc/terms/",
)
"""RDF's own terms, its types of values, and Dublin Core."""


def nothing_is_fetched(url: str, _options: Mapping[str, object]) -> None:
    raise AssertionError(f"a consent record needs {url}")


OFFLINE = {"documentLoader": nothing_is_fetched}


def check_schema(record: Mapping[str, Json]) -> None:
    """Raises `ValidationError`."""
    Draft202012Validator(SCHEMA).validate(record)


def expand(document: Mapping[str, Json]) -> Any:
    return jsonld.expand(dict(document), OFFLINE)


def come_and_gone(record: Mapping[str, Json]) -> dict[str, Json]:
    """Expanded, and compacted by its own context: what had no address would be gone."""
    back: dict[str, Json] = jsonld.compact(expand(record), record["@context"], OFFLINE)
    return back


def iris(value: object) -> Iterator[str]:
    """All names in expanded linked data: of properties, of types, and of nodes that are pointed at."""
    if isinstance(value, Mapping):
        if "@value" in value:
            if (kind := value.get("@type")) not in (None, "@json"):
                yield str(kind)
            return
        for name, inner in value.items():
            if name == "@id":
                yield str(inner)
            elif name == "@type":
                yield from inner
            else:
                if not name.startswith("@"):
                    yield name
                yield from iris(inner)
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for one in value:
            yield from iris(one)


def triples(document: Mapping[str, Json]) -> list[str]:
    quads: str = jsonld.to_rdf(dict(document), {**OFFLINE, "format": "application/n-quads"})
    return quads.splitlines()


def parse_once(text: str | bytes) -> Any:
    """JSON in which no object names a key twice."""

    def pairs(found: list[tuple[str, object]]) -> dict[str, object]:
        assert len({name for name, _ in found}) == len(found), f"a key is there twice: {found}"
        return dict(found)

    return json.loads(text, object_pairs_hook=pairs)
