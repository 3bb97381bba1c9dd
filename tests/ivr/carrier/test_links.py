"""Addresses and tokens: guessed by nobody, the same when asked again, never shown by accident."""

import re
from dataclasses import replace

from ivr.carrier.links import PERSISTENT, Links, token_digest

LINKS = Links("https://spelregel.test", "wss://spelregel.test/media", "a secret")
VOICE = [
    LINKS.leg("c"),
    LINKS.leg_answered("c", 1),
    LINKS.left_room("c"),
    LINKS.conference_events("c"),
    LINKS.employee_events("c"),
    LINKS.employee_leg("c"),
    LINKS.employee_left_room("c"),
    LINKS.employee_answered("c", "v", "acts"),
    LINKS.recording_events("c"),
    LINKS.stream_events("c"),
]


def test_every_address_is_absolute_and_different() -> None:
    links = [*VOICE, LINKS.ringing(), LINKS.prompt("c", 1), LINKS.copy("c")]
    assert len(set(links)) == len(links)
    assert all(link.startswith("https://spelregel.test/") for link in links)


def test_the_carrier_knows_the_stream_by_scheme_wss_only() -> None:
    for media_url in ("ws://spelregel.test/media", "wss://spelregel.test/media", "https://spelregel.test/media"):
        assert replace(LINKS, media_url=media_url).stream() == "wss://spelregel.test/media"


def test_callbacks_are_brought_again_after_a_5xx() -> None:
    """What the carrier does with the fragment: up to three more tries after a failed connection or a 5xx."""
    assert PERSISTENT == "#rc=3&rp=ct,5xx"
    assert all(link.endswith(PERSISTENT) for link in VOICE)


def test_a_token_is_the_same_each_time_and_tells_nothing() -> None:
    assert LINKS.copy_token("call-1") == replace(LINKS).copy_token("call-1")
    assert re.fullmatch(r"[0-9a-f]{32}", LINKS.copy_token("call-1"))
    assert re.fullmatch(r"[0-9]{12}", LINKS.copy_code("call-1"))
    assert LINKS.copy("call-1") == f"https://spelregel.test/kopie/{LINKS.copy_token('call-1')}"


def test_nothing_but_the_secret_and_the_call_gives_the_token() -> None:
    """128 bits each, and none tells of another: other call, other prompt, other purpose, other secret."""
    tokens = [
        *(LINKS.prompt_token(f"call-{call}", prompt) for call in range(50) for prompt in range(20)),
        *(LINKS.copy_token(f"call-{call}") for call in range(1000)),
        *(replace(LINKS, secret="another").copy_token(f"call-{call}") for call in range(1000)),
    ]
    assert len(set(tokens)) == len(tokens)
    assert LINKS.prompt_token("call-1", 23) != LINKS.prompt_token("call-12", 3)


def test_codes_are_spread_over_all_twelve_digits() -> None:
    codes = [LINKS.copy_code(f"call-{call}") for call in range(2000)]
    assert len(set(codes)) == len(codes)
    for place in range(12):
        assert {code[place] for code in codes} == set("0123456789")


def test_the_secret_is_never_shown() -> None:
    assert "a secret" not in repr(LINKS)
    assert "a secret" not in str(LINKS)


def test_what_is_stored_of_a_token() -> None:
    """SHA-256 in hex (FIPS 180-4, the vector of "abc")."""
    assert token_digest("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
