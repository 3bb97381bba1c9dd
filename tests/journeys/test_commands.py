"""The commands that a newcomer tries first: the demo, and listening to a file."""

import json
from pathlib import Path

import pytest

from tests.guards.tree import ROOT
from tests.journeys.running import run_command

pytestmark = pytest.mark.slow

CONVERSATIONS = ROOT.parent / "shared" / "corpus" / "conversations"


def test_the_demo_does_everything_and_says_so(tmp_path: Path, model_folder: Path) -> None:
    done = run_command("demo", environment={"SPELREGEL_MODEL_DIR": str(model_folder)}, folder=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert not done.stderr
    for line in ("“Ik wil dit gesprek opnemen.”", "consent:given", "Recording   ", "Copy        ", "Log verify  whole"):
        assert line in done.stdout


@pytest.mark.parametrize(("name", "requests"), [("conv_01_request", 1), ("conv_02_none", 0)])
def test_a_request_in_a_recorded_conversation_is_reported_once(name: str, requests: int, model_folder: Path) -> None:
    file = CONVERSATIONS / f"{name}.wav"
    if not file.is_file():
        pytest.skip(f"the conversations of ../shared/corpus are not beside the repository ({file.name})")
    environment = {"SPELREGEL_MODEL_DIR": str(model_folder)}
    done = run_command("listen", str(file), "--channel", "0", "--json", environment=environment)
    assert done.returncode == 0, done.stderr
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert [line["label"] for line in found if line["type"] == "intent"].count("request") == requests, done.stdout
