"""All main pages after a day of calls of every kind: what is taken pictures of works."""

from collections.abc import Iterator

import pytest

from ivr.app import create_app
from tests.ivr.web.signed_in import BASE
from tests.screens.day import Scene, play
from tests.screens.shots import SHOTS, Shot


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    scene = play(tmp_path_factory.mktemp("day"))
    yield scene
    scene.day.close()


@pytest.mark.parametrize("shot", SHOTS, ids=lambda shot: shot.name)
@pytest.mark.parametrize("language", ["nl", "en"])
def test_a_page_shows_the_day(scene: Scene, shot: Shot, language: str) -> None:
    path = f"{shot.path.format(**scene.names)}?taal={language}"
    if shot.role is None:
        answer = create_app(scene.day.wiring).test_client().get(path, base_url=BASE)
    else:
        answer = scene.colleagues[shot.role].get(path)
    assert answer.status_code == 200
    assert f'<html lang="{language}"' in answer.text
    assert "<h1" in answer.text


def test_the_day_ends_without_a_job_that_was_given_up(scene: Scene) -> None:
    assert scene.day.waiting().get("parked", 0) == 0
