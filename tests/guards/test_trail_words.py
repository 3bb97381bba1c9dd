"""Every page of the console and every operation of the API that leaves a line in the trail has words there."""

from pathlib import Path

from config import settings
from ivr.app import api_operations, console_pages
from ivr.web.trail_words import ACTIONS, PARAMETERS
from ivr.wiring import Wiring
from tests.builders import environment


def test_every_line_of_the_trail_can_be_read(tmp_path: Path) -> None:
    """The other way round is allowed: words of what is no longer there keep old lines readable."""
    wiring = Wiring(settings.load(environment(tmp_path)))
    pages = {page.name for page in console_pages(wiring) if page.traced}
    operations = {operation.name for operation in api_operations(wiring)}
    assert not (pages | operations) - ACTIONS.keys()


def test_every_page_that_shows_an_object_has_a_name_for_it() -> None:
    assert {action.shown_by for action in ACTIONS.values()} - {None} == PARAMETERS.keys()
