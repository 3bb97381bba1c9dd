"""The forms of a page, as a browser reads and sends them."""

from dataclasses import dataclass, field
from html.parser import HTMLParser


@dataclass
class Form:
    """`values` are what would be sent as it stands; `names` all fields; `options` what can be chosen, by field."""

    action: str
    method: str
    values: dict[str, str] = field(default_factory=dict)
    names: list[str] = field(default_factory=list)
    options: dict[str, list[str]] = field(default_factory=dict)


class Reader(HTMLParser):
    """Collects forms."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._area: str | None = None
        self._select: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(Form(has.get("action", ""), has.get("method", "get")))
        elif self.forms and tag == "input" and "name" in has:
            self._input(self.forms[-1], has)
        elif self.forms and tag == "textarea":
            self._area = has["name"]
            self.forms[-1].names.append(self._area)
            self.forms[-1].values[self._area] = ""
        elif self.forms and tag == "select":
            self._select = has["name"]
            self.forms[-1].names.append(self._select)
        elif self.forms and tag == "option" and self._select:
            self.forms[-1].options.setdefault(self._select, []).append(has["value"])
            if "selected" in has or self._select not in self.forms[-1].values:
                self.forms[-1].values[self._select] = has["value"]

    def _input(self, form: Form, has: dict[str, str]) -> None:
        form.names.append(has["name"])
        if has.get("type") in ("radio", "checkbox"):
            form.options.setdefault(has["name"], []).append(has["value"])
            if "checked" not in has:
                return
        form.values[has["name"]] = has.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self._area is not None:
            values = self.forms[-1].values
            values[self._area] = values[self._area].removeprefix("\n")  # as HTML reads it
            self._area = None
        elif tag == "select":
            self._select = None

    def handle_data(self, data: str) -> None:
        if self._area is not None:
            self.forms[-1].values[self._area] += data


def forms_of(html: str) -> list[Form]:
    reader = Reader()
    reader.feed(html)
    return reader.forms


def form_to(html: str, end: str) -> Form:
    """The one form whose address ends so."""
    (found,) = [form for form in forms_of(html) if form.action.endswith(end)]
    return found
