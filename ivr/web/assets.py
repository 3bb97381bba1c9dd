"""Styles, scripts and pictures of the pages: read once, packed once, under addresses that name their content.

An address with the content's digest (`?v=`) stays good for ever, so a browser asks for it once. The styles that all
pages share are one file: the design system's components, our theme and page, and an agency's own theme after those.
"""

import gzip
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path

from flask import Flask, Response, request
from werkzeug.exceptions import NotFound

FOLDER = Path(__file__).parent / "static"
LOOK = "look.css"
VERSION = "v"
ENDPOINT = "pages.static"

TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".png": "image/png",
    ".svg": "image/svg+xml; charset=utf-8",
}
PACKED = (".css", ".js", ".svg")
FOR_EVER = "public, max-age=31536000, immutable"
ASK_AGAIN = "public, no-cache"
_SOURCE_MAP = re.compile(rb"/\*# sourceMappingURL=[^*]*\*/")


@dataclass(frozen=True, slots=True)
class Asset:
    """One file as it is sent; `packed` with gzip (RFC 1952) where that makes it smaller."""

    content: bytes
    packed: bytes | None
    mimetype: str

    @property
    def version(self) -> str:
        return sha256(self.content).hexdigest()[:16]


@cache
def load_assets(theme: Path | None = None) -> Mapping[str, Asset]:
    """By name. `theme` is an agency's stylesheet, which comes after ours."""
    paths = [path for path in sorted(FOLDER.rglob("*")) if path.suffix in TYPES]
    components = [path for path in paths if path.is_relative_to(FOLDER / "vendor") and path.suffix == ".css"]
    look = [*components, FOLDER / "theme.css", FOLDER / "page.css", *([] if theme is None else [theme])]
    contents = {path.relative_to(FOLDER).as_posix(): path.read_bytes() for path in paths}
    contents[LOOK] = b"\n".join(_SOURCE_MAP.sub(b"", path.read_bytes()) for path in look)
    return {name: _asset(name, content) for name, content in contents.items()}


def _asset(name: str, content: bytes) -> Asset:
    suffix = Path(name).suffix
    packed = gzip.compress(content, mtime=0) if suffix in PACKED else content
    return Asset(content, packed if len(packed) < len(content) else None, TYPES[suffix])


def register_assets(app: Flask, theme: Path | None = None) -> None:
    """Serves them under /assets, and adds the version to their addresses. Raises `OSError` for an unreadable theme."""
    assets = load_assets(theme)

    def show(filename: str) -> Response:
        asset = assets.get(filename)
        if asset is None:
            raise NotFound
        known = request.args.get(VERSION) == asset.version
        packed = asset.packed if request.accept_encodings.quality("gzip") > 0 else None
        response = Response(asset.content if packed is None else packed, content_type=asset.mimetype)
        response.headers["Cache-Control"] = FOR_EVER if known else ASK_AGAIN
        if asset.packed is not None:
            response.headers["Vary"] = "Accept-Encoding"
        if packed is not None:
            response.headers["Content-Encoding"] = "gzip"
        response.set_etag(asset.version if packed is None else f"{asset.version}-gzip")
        response.make_conditional(request)
        return response

    app.add_url_rule("/assets/<path:filename>", ENDPOINT, show)

    @app.url_defaults
    def add_version(endpoint: str, values: dict[str, object]) -> None:
        asset = assets.get(str(values.get("filename"))) if endpoint == ENDPOINT else None
        if asset is not None:
            values.setdefault(VERSION, asset.version)
