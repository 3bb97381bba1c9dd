"""What an owner tries first: the demo, listening to a file, and pulling the plug.

Demo and listening go on beside the rest."""

import json
import subprocess
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.guards.tree import ROOT
from tests.journeys.conftest import household
from tests.journeys.running import (
    HANG_UP,
    NO_COPY,
    RECORD_BY_KEY,
    UNTIL_RECORDED,
    Plan,
    Service,
    hear,
    pause,
    say,
    start_command,
)

pytestmark = pytest.mark.slow

CONVERSATIONS = ROOT.parent / "shared" / "corpus" / "conversations"
REQUESTS = {"conv_01_request": 1, "conv_02_none": 0}
"""How often the caller says that they want to record."""


@pytest.fixture(scope="module", autouse=True)
def demo(tmp_path_factory: pytest.TempPathFactory, model_folder: Path) -> Iterator[subprocess.Popen[str]]:
    """`spelregel demo`, begun before the other tests of this file."""
    environment = {"SPELREGEL_MODEL_DIR": str(model_folder)}
    with start_command("demo", environment=environment, folder=tmp_path_factory.mktemp("demo")) as process:
        yield process
        process.terminate()


Told = tuple[int, str, str]
"""Exit code, output and complaints of a command."""


@pytest.fixture(scope="module", autouse=True)
def listening(model_folder: Path) -> Iterator[Mapping[str, "Future[Told]"]]:
    """`spelregel listen` to each conversation, one after another, begun before the other tests of this file too."""
    files = [file for name in REQUESTS if (file := CONVERSATIONS / f"{name}.wav").is_file()]
    with ThreadPoolExecutor(1) as one_by_one:
        yield {file.stem: one_by_one.submit(listen, file, model_folder) for file in files}


def listen(file: Path, model_folder: Path) -> Told:
    environment = {"SPELREGEL_MODEL_DIR": str(model_folder)}
    with start_command("listen", str(file), "--channel", "0", "--json", environment=environment) as process:
        out, errors = process.communicate()
    return process.returncode, out, errors


PROCESSES = ("web", "media", "worker")
EMPLOYEE = [hear("opname door ons is gestopt"), HANG_UP]

goes_on = Plan(
    caller=[*RECORD_BY_KEY, UNTIL_RECORDED, pause(34), say("Ik wil dat u stopt met opnemen."), *NO_COPY],
    employee=EMPLOYEE,
)
hangs_up = Plan(caller=[*RECORD_BY_KEY, UNTIL_RECORDED, pause(6), HANG_UP], employee=EMPLOYEE)


@pytest.fixture
def service(tmp_path: Path, model_folder: Path) -> Iterator[Service]:
    with household(tmp_path, model_folder) as fragile, Service(fragile) as service:
        yield service


def test_er_valt_een_storing_midden_in_mijn_gesprek(service: Service) -> None:
    """What was logged is still there, who stays on the line is heard again, who hung up is seen to have done so."""
    staying, leaving = service.call(goes_on), service.call(hangs_up)
    staying.wait_for("recording:started")
    leaving.wait_for("recording:started")
    before = {call: call.entries() for call in (staying, leaving)}

    service.household.kill(*PROCESSES)
    service.wait_until("one caller hangs up", leaving.is_over)
    service.household.start(*PROCESSES)
    assert service.command("log", "verify") == 0

    staying.finish()
    leaving.finish()
    for call, entries in before.items():
        assert call.entries()[: len(entries)] == entries
        assert call.recording().caller.size > 0
        assert "recording:carrier-deleted" in call.tags()
    order = [
        "recording:started",
        "stream:lost",
        "consent:withdrawn",
        "recording:stopped",
        "copy:declined",
        "call:ended",
    ]
    assert [tag for tag in staying.tags() if tag in order] == order
    assert "recording:stored" in staying.tags()
    assert leaving.entry("recording:stopped").facts["reason"] == "the call ended"
    assert service.command("log", "verify") == 0


@pytest.mark.parametrize("name", REQUESTS)
def test_a_request_in_a_recorded_conversation_is_reported_once(
    name: str, listening: Mapping[str, "Future[Told]"]
) -> None:
    if name not in listening:
        pytest.skip(f"the conversations of ../shared/corpus are not beside the repository ({name}.wav)")
    code, out, errors = listening[name].result()
    assert code == 0, errors
    found = [json.loads(line) for line in out.splitlines()]
    assert [line["label"] for line in found if line["type"] == "intent"].count("request") == REQUESTS[name], out


def test_the_demo_does_everything_and_says_so(demo: subprocess.Popen[str]) -> None:
    out, errors = demo.communicate()
    assert demo.returncode == 0, out + errors
    assert not errors
    for line in ("“Ik wil dit gesprek opnemen.”", "consent:given", "Recording   ", "Copy        ", "Log verify  whole"):
        assert line in out
