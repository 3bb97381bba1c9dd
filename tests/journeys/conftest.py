"""The running service that the journeys share, and the calls of a journey's file, which begin together."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from config.settings import model_dir
from ivr.demo.household import Household, make_environment
from ivr.wiring import Wiring
from speech import models
from tests.guards.tree import ROOT
from tests.journeys.agencies import write_profiles
from tests.journeys.running import Call, Plan, Service
from tests.journeys.staff import staff


@pytest.fixture(scope="session")
def model_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """With the Whisper model in it: the repository's own folder where it has one."""
    ours = ROOT / "var" / "models"
    if "SPELREGEL_MODEL_DIR" in os.environ:
        folder = model_dir(os.environ)
    else:
        folder = ours if ours.is_dir() else tmp_path_factory.mktemp("models")
    models.install(models.WHISPER, folder)
    return folder


@pytest.fixture(scope="session")
def running_service(tmp_path_factory: pytest.TempPathFactory, model_folder: Path) -> Iterator[Household]:
    """Web, media, worker and local carrier, where nothing goes wrong."""
    with household(tmp_path_factory.mktemp("service"), model_folder) as running:
        yield running


@contextmanager
def household(folder: Path, models_folder: Path, **changes: str) -> Iterator[Household]:
    """Processes with a database and keys of their own, ended with the block."""
    profiles = write_profiles(folder / "profiles")
    environment = {**make_environment(folder, models_folder), "SPELREGEL_POLICIES": str(profiles), **changes}
    running = Household(environment, folder)
    Wiring(running.settings).prepare()
    try:
        running.start()
        yield running
    finally:
        running.stop()


@pytest.fixture(scope="module")
def service(running_service: Household) -> Iterator[Service]:
    """The one that the journeys of a file use; a file may name another."""
    with Service(running_service) as shared:
        yield shared


@pytest.fixture(scope="module")
def calls(service: Service, request: pytest.FixtureRequest) -> Mapping[Plan, Call]:
    """Every plan of the file as a call: they run at the same time, and each test waits for its own."""
    plans = [value for value in vars(request.module).values() if isinstance(value, Plan)]
    if any(plan.work for plan in plans):
        staff(service)  # is a process, too slow for a call that goes on
    return {plan: service.call(plan) for plan in plans}
