"""The carrier as a program of its own, and its refusal to listen beyond loopback."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from ivr.emulator.carrier import LocalCarrier

EMULATOR = Path(__file__).parents[3] / "ivr" / "emulator"
ARGUMENTS = ["--account-sid", "AC" + "0" * 32, "--auth-token", "t", "--voice-url", "http://127.0.0.1:9/voice"]


def test_it_says_what_it_is_and_stops_when_asked(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "ivr.emulator", "--port", "0", "--state-dir", str(tmp_path), *ARGUMENTS]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=EMULATOR.parents[1]) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        process.terminate()
        assert process.wait(10) == 0
    assert "stand-in" in line
    assert "never for production" in line
    assert "Ready at http://127.0.0.1:" in line


@pytest.mark.parametrize("wrong", [["--host", "0.0.0.0"], ["--faults", '{"calbacks": []}']])  # noqa: S104 -- to be refused
def test_wrong_settings_are_one_line(wrong: list[str]) -> None:
    command = [sys.executable, "-m", "ivr.emulator", *wrong, *ARGUMENTS]
    ended = subprocess.run(command, capture_output=True, text=True, cwd=EMULATOR.parents[1], check=False)
    assert ended.returncode != 0
    assert ended.stderr.startswith("ivr.emulator: ")
    assert ended.stderr.count("\n") == 1


def test_it_listens_on_loopback_only() -> None:
    with pytest.raises(ValueError, match="loopback only"):
        LocalCarrier(account_sid="AC", auth_token="t", voice_url="http://127.0.0.1/", host="192.0.2.1")


def test_it_knows_nothing_of_the_service() -> None:
    """Imports: the standard library, aiohttp (and its yarl), numpy, espeakng_loader, and itself."""
    allowed = sys.stdlib_module_names | {"aiohttp", "yarl", "numpy", "espeakng_loader"}
    for path in sorted(EMULATOR.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            for name in names:
                assert name.startswith("ivr.emulator") or name.partition(".")[0] in allowed, f"{path.name}: {name}"
