"""How a page of the console is declared: from this the gate checks who asks, and the menu is drawn."""

from collections.abc import Callable
from dataclasses import dataclass

from flask.typing import ResponseReturnValue

from ivr.web.access import Permission


@dataclass(frozen=True, slots=True)
class Page:
    """One page, part of a page, form or file of the console.

    `rule` is what follows `/console`, as Flask writes it; `name` its endpoint within the blueprint `console`, and the
    action in the trail. `view` gets the user who asks, and the values of the rule by name; it checks the agency of what
    it shows. `menu` is the untranslated text (`N_`) under which a page stands in the menu. `traced`: each request
    leaves a line in the trail; only what a page asks for again and again by itself does without.
    """

    rule: str
    name: str
    view: Callable[..., ResponseReturnValue]
    permission: Permission
    method: str = "GET"
    menu: str | None = None
    traced: bool = True
