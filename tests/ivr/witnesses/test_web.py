"""Posting to a stranger's server: it may be slow, huge, send us elsewhere or away, and learns no more than it must."""

import socket
from collections.abc import Iterator

import pytest

from ivr.errors import WitnessBusy, WitnessRefused
from ivr.witnesses.poster import Poster
from ivr.witnesses.web import post
from storage.witnessing import StatementKind
from tests.ivr.witnesses.outsiders import Reply, web_server
from tests.ivr.witnesses.submitting import SmallLog

LOG = SmallLog(5)


def test_the_note_is_posted_as_text() -> None:
    got: list[tuple[str, bytes]] = []

    def keep(path: str, body: bytes) -> Reply:
        got.append((path, body))
        return Reply(201)

    with web_server(keep) as url:
        said = Poster("keeper", f"{url}/secret-path").deliver(LOG.submission())
    assert got == [("/secret-path", LOG.submission().note.encode())]
    assert (said.kind, said.answer) == (StatementKind.KEPT, b"HTTP 201")


@pytest.mark.parametrize(
    ("reply", "fault"),
    [
        (Reply(301, headers={"Location": "http://127.0.0.1:9/"}), WitnessRefused),
        (Reply(307, headers={"Location": "/again"}), WitnessRefused),
        (Reply(403), WitnessRefused),
        (Reply(404), WitnessRefused),
        (Reply(408), WitnessBusy),
        (Reply(500), WitnessBusy),
        (Reply(200, bytes(70_000)), WitnessRefused),
    ],
)
def test_no_is_told_from_not_now_and_nothing_tells_the_address(reply: Reply, fault: type[Exception]) -> None:
    with (
        web_server(lambda _, __: reply) as url,
        pytest.raises(fault, match=r"^keeper ") as caught,
    ):
        Poster("keeper", f"{url}/secret-path").deliver(LOG.submission())
    assert "secret-path" not in str(caught.value)


def test_nobody_there_is_not_now_and_nothing_tells_the_address() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(WitnessBusy) as caught:
        Poster("keeper", f"http://user:secret@127.0.0.1:{port}/secret-path").deliver(LOG.submission())
    assert "secret" not in f"{caught.value!r} {caught.value.__cause__!r}"


@pytest.fixture
def silent() -> Iterator[str]:
    """Connects, and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}/"


def test_a_server_that_says_nothing_is_not_waited_for(silent: str) -> None:
    with pytest.raises(WitnessBusy, match="does not answer: ReadTimeout"):
        post("keeper", silent, b"note", "text/plain", quiet_s=0.05)


def test_a_server_that_never_ends_is_not_waited_for() -> None:
    with (
        web_server(lambda _, __: Reply(200, b"abc")) as url,
        pytest.raises(WitnessBusy, match="does not come to an end"),
    ):
        post("keeper", url, b"note", "text/plain", whole_s=-1.0)
