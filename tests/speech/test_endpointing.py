"""When somebody has finished speaking."""

from hypothesis import given
from hypothesis import strategies as st

from speech.endpointing import Boundary, Endpointer, EndpointSettings

SETTINGS = EndpointSettings(silence_frames=25, longest_frames=100)


def follow(frames: list[bool]) -> list[Boundary]:
    endpointer = Endpointer()
    boundaries = []
    for voiced in frames:
        boundary = endpointer.step(voiced)
        boundaries.append(boundary)
        if boundary in (Boundary.BEGIN, Boundary.CUT):
            endpointer.begin(SETTINGS)
    return boundaries


def turning_points(frames: list[bool]) -> list[tuple[int, str]]:
    quiet = (Boundary.OUTSIDE, Boundary.INSIDE)
    return [(at, boundary.value) for at, boundary in enumerate(follow(frames)) if boundary not in quiet]


def test_an_utterance_ends_after_the_silence() -> None:
    assert turning_points([False] * 10 + [True] * 30 + [False] * 40) == [(13, "begin"), (64, "end")]


def test_a_click_is_no_utterance() -> None:
    assert turning_points([True, True, False, True] + [False] * 50) == []


def test_a_pause_shorter_than_the_silence_is_inside() -> None:
    assert turning_points([True] * 20 + [False] * 24 + [True] * 10 + [False] * 30) == [(3, "begin"), (78, "end")]


def test_endless_noise_is_cut_into_pieces_without_a_gap() -> None:
    assert turning_points([True] * 304) == [(3, "begin"), (103, "cut"), (203, "cut"), (303, "cut")]


@given(st.lists(st.booleans(), max_size=600))
def test_every_begin_has_its_end(frames: list[bool]) -> None:
    """Begin and end alternate, and nothing is longer than the longest utterance."""
    begun_at = None
    for at, boundary in enumerate(follow(frames)):
        if boundary is Boundary.BEGIN:
            assert begun_at is None
            begun_at = at
        elif boundary in (Boundary.END, Boundary.CUT):
            assert begun_at is not None
            assert at - begun_at <= SETTINGS.longest_frames
            begun_at = at if boundary is Boundary.CUT else None
        assert (boundary is Boundary.OUTSIDE) == (begun_at is None and boundary is not Boundary.END)
