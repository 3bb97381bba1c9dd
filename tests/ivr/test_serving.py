"""The commands of the service's processes, and media processes that really fork."""

import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest

from config import settings
from ivr.serving import gunicorn_arguments
from storage.session import migrate
from tests.builders import environment
from tests.conftest import free_port


def test_media_processes_are_forked_from_one_that_has_loaded_the_service(tmp_path: Path) -> None:
    command = gunicorn_arguments(
        "media", settings.load(environment(tmp_path, SPELREGEL_MEDIA_PROCESSES="3")), graceful_s=30
    )
    assert "--preload" in command
    assert command[command.index("--workers") + 1] == "3"
    assert command[-1] == "ivr.app:media()"


@pytest.fixture
def two_processes(tmp_path: Path) -> Iterator[str]:
    """The address of media processes with a real engine: Whisper's threads would not survive the fork."""
    bind = f"127.0.0.1:{free_port()}"
    changes = {
        "SPELREGEL_MEDIA_PROCESSES": "2",
        "SPELREGEL_MEDIA_BIND": bind,
        "SPELREGEL_SPEECH_ENGINE": "whisper",
        "SPELREGEL_MODEL_DIR": str(settings.model_dir(os.environ)),
    }
    variables = environment(tmp_path, **changes)
    loaded = settings.load(variables)
    migrate(loaded.database_url)
    with (tmp_path / "media.log").open("wb") as log:
        process = subprocess.Popen(
            gunicorn_arguments("media", loaded, graceful_s=1), env={**os.environ, **variables}, stdout=log, stderr=log
        )
    yield f"http://{bind}"
    process.terminate()
    process.wait()


@pytest.mark.slow
def test_each_of_them_tells_of_both(two_processes: str) -> None:
    wanted = [f'spelregel_media_listens{{process="{number}"}} 1' for number in (0, 1)]
    told = ""
    while not all(line in told for line in wanted):
        try:
            with urlopen(f"{two_processes}/metrics") as answer:  # noqa: S310 - loopback
                told = answer.read().decode()
        except OSError:  # nobody answers yet
            time.sleep(0.1)
