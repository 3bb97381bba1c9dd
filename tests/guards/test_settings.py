"""Variables of the environment: read in one place, and all of them described."""

import ast
import re

from config.settings import TEST_VARIABLES
from tests.guards.tree import CODE_ROOMS, ROOT, modules

VARIABLE = re.compile(r"(?:SPELREGEL|TWILIO|OIDC)_[A-Z0-9_]*[A-Z0-9]|DATABASE_URL|REDIS_URL")


def variables_in_settings() -> set[str]:
    tree = ast.parse((ROOT / "config" / "settings.py").read_text(encoding="utf-8"))
    texts = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    return {text for text in texts if VARIABLE.fullmatch(text)} - TEST_VARIABLES


def reads_one_variable(node: ast.AST) -> bool:
    """`os.environ["X"]`, `os.environ.get("X")`, `"X" in os.environ`, `os.getenv("X")`; passing it on whole is fine."""
    match node:
        case (
            ast.Subscript(ctx=ast.Load(), value=source) | ast.Attribute(attr="get" | "pop" | "setdefault", value=source)
        ):
            return ast.unparse(source).endswith("environ") and ast.unparse(source) not in {"environ", "request.environ"}
        case ast.Compare(ops=[ast.In() | ast.NotIn()], comparators=[source]):
            return ast.unparse(source) == "os.environ"
        case ast.Call(func=function):
            return ast.unparse(function) in {"os.getenv", "getenv"}
    return False


def test_only_the_settings_read_variables() -> None:
    readers = [
        f"{path}:{node.lineno}"
        for path, tree in modules(*CODE_ROOMS)
        for node in ast.walk(tree)
        if isinstance(node, ast.expr) and reads_one_variable(node) and path.parts != ("config", "settings.py")
    ]
    assert not readers


def test_every_variable_has_a_row_in_the_configuration_page() -> None:
    page = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([A-Z0-9_]+)` \|", page, re.MULTILINE)
    assert sorted(rows) == sorted(variables_in_settings())
