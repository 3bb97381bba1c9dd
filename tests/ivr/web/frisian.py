"""A made-up translation into Frisian: every text gets a mark, and all its places and tags stay."""

from pathlib import Path

from babel.messages.pofile import read_po, write_po

from tests.guards.tree import ROOT

MARK = "Frysk: "
ENGLISH = ROOT / "config" / "locale" / "en" / "LC_MESSAGES" / "spelregel.po"


def add_frisian_catalog(folder: Path) -> None:
    """As a translator does: a new file."""
    with ENGLISH.open("rb") as file:
        catalog = read_po(file, locale="fy", domain="spelregel")
    for message in catalog:
        if message.id and "MMMM" not in message.id:
            forms = [message.id] if isinstance(message.id, str) else list(message.id)
            marked = tuple(MARK + form for form in forms)
            message.string = marked if message.pluralizable else marked[0]
    path = folder / "fy" / "LC_MESSAGES" / "spelregel.po"
    path.parent.mkdir(parents=True)
    with path.open("wb") as out:
        write_po(out, catalog)


def with_frisian(profile: str) -> str:
    """A profile's document with each of its texts in a third language."""
    lines = []
    for line in profile.splitlines():
        lines.append(line.replace('["nl", "en"]', '["nl", "en", "fy"]'))
        key, dot, text = line.partition('.nl = "')
        if dot:
            lines.append(f'{key}.fy = "{MARK}{text}')
    return "\n".join(lines)
