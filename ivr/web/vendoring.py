"""Other people's files that the pages load: copied unchanged from npm packages (`make vendor`), each with its digest.

python -m ivr.web.vendoring NODE_MODULES
"""

import json
import shutil
import sys
from hashlib import sha256
from pathlib import Path

FOLDER = Path(__file__).parent / "static" / "vendor"
DIGESTS = FOLDER / "SHA256SUMS"


def sources() -> dict[str, str]:
    """Each vendored file's name in the folder, and where it lies among the installed packages."""
    wanted: dict[str, str] = json.loads((FOLDER / "package.json").read_text(encoding="utf-8"))["vendored"]
    return wanted


def recorded_digests() -> dict[str, str]:
    """By file, as `sha256sum` writes them."""
    lines = DIGESTS.read_text(encoding="utf-8").splitlines()
    return {name: digest for digest, name in (line.split("  ", 1) for line in lines)}


def digest_of(path: Path) -> str:
    return sha256(path.read_bytes()).hexdigest()


def vendor(installed: Path) -> None:
    """Copies the files from a `node_modules` folder and writes their digests anew."""
    for name, source in sources().items():
        target = FOLDER / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(installed / source, target)
    lines = (f"{digest_of(FOLDER / name)}  {name}\n" for name in sorted(sources()))
    DIGESTS.write_text("".join(lines), encoding="utf-8")


if __name__ == "__main__":
    vendor(Path(sys.argv[1]))
