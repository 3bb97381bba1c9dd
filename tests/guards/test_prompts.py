"""Every prompt that the code speaks exists, and every prompt that exists is spoken."""

import ast
import re

from config.prompts import PLACES
from ivr.dialogue.effects import PromptKey
from tests.guards.tree import calls_of, modules


def keys_in_code() -> set[str]:
    """Literal keys in `prompts.text("…")`; keys of the dialogue go through `PromptKey`."""
    return {
        str(call.args[0].value)
        for _, tree in modules("ivr")
        for call in calls_of(tree)
        if isinstance(call.func, ast.Attribute)
        and call.func.attr == "text"
        and re.search(r"(?:prompts|texts)(?:\[.*\])?$", ast.unparse(call.func.value))
        and call.args
        and isinstance(call.args[0], ast.Constant)
    }


def test_prompts_in_code_and_in_the_texts_are_the_same() -> None:
    assert keys_in_code() | set(PromptKey) == set(PLACES)
