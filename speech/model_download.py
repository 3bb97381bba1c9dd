"""Fetching a model from its publisher: resumed where it broke off, checked against the publisher's list."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import requests

from speech.errors import ModelError

_TIMEOUT_S = (10, 30)
_CHUNK_BYTES = 4_096  # what a connection that breaks can lose
_ATTEMPTS = 5
_PARTIAL_CONTENT, _RANGE_NOT_SATISFIABLE = 206, 416


@dataclass(frozen=True, slots=True)
class Listing:
    """What the publisher's model list says of a model's zip file."""

    name: str
    size_bytes: int
    md5: str


def find_listing(base_url: str, name: str) -> Listing:
    """Look a model up in the publisher's `model-list.json`."""
    url = f"{base_url}/model-list.json"
    try:
        answer = requests.get(url, timeout=_TIMEOUT_S)
        answer.raise_for_status()
        entries = {entry["name"]: entry for entry in answer.json()}
        entry = entries[name]
        return Listing(name, int(entry["size"]), str(entry["md5"]))
    except requests.RequestException as error:
        raise ModelError(
            f"{url}: cannot be fetched ({type(error).__name__}); check the connection, try again"
        ) from error
    except (KeyError, TypeError, ValueError) as error:
        raise ModelError(f"{url}: does not describe {name}; ask the publisher or choose another model") from error


def download(base_url: str, listing: Listing, folder: Path) -> Path:
    """Fetch `<name>.zip` into `folder`; what a broken connection leaves there is used the next time.

    Raises `ModelError` when it does not arrive whole, or is not what the publisher listed.
    """
    archive = folder / f"{listing.name}.zip.part"
    url = f"{base_url}/{listing.name}.zip"
    for _ in range(_ATTEMPTS):
        if _size(archive) < listing.size_bytes:
            _continue(url, archive, listing.size_bytes)
    size = _size(archive)
    if size < listing.size_bytes:
        raise ModelError(f"{url}: broke off at {size} of {listing.size_bytes} bytes; install again to go on from there")
    with archive.open("rb") as file:
        md5 = hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
    if size > listing.size_bytes or md5 != listing.md5:
        archive.unlink()
        raise ModelError(f"{url}: is not the file in the publisher's list (md5 {md5}); thrown away, install again")
    return archive


def _continue(url: str, archive: Path, size_bytes: int) -> None:
    """One request for what is missing; a connection that breaks is no error here."""
    have = _size(archive)
    try:
        with requests.get(url, headers={"Range": f"bytes={have}-"}, stream=True, timeout=_TIMEOUT_S) as answer:
            if answer.status_code == _RANGE_NOT_SATISFIABLE:
                archive.unlink()
                return
            answer.raise_for_status()
            resumes = answer.status_code == _PARTIAL_CONTENT
            with archive.open("ab" if resumes else "wb") as out:
                for chunk in answer.iter_content(_CHUNK_BYTES):
                    out.write(chunk)
                    if out.tell() > size_bytes:
                        return
    except requests.HTTPError as error:
        raise ModelError(f"{url}: the publisher answers {answer.status_code}; try again later") from error
    except requests.RequestException:
        return


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0
