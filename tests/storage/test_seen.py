"""What was there before is known again, however much there is, in little memory."""

import tracemalloc

from hypothesis import given
from hypothesis import strategies as st

from storage.consent_log.seen import FEWEST_SLOTS, Seen


@given(st.lists(st.text(max_size=3), max_size=200))
def test_a_text_is_new_once(texts: list[str]) -> None:
    seen, before = Seen(), set[str]()
    for text in texts:
        assert seen.add(text) == (text not in before)
        before.add(text)


def test_all_are_known_again_after_the_table_has_grown() -> None:
    seen = Seen()
    texts = [f"call-{number // 20}:{number % 20}" for number in range(10 * FEWEST_SLOTS)]
    assert all(seen.add(text) for text in texts)
    assert not any(seen.add(text) for text in texts)
    assert seen.add("call-0:20")


def test_an_id_takes_no_more_than_72_bytes_while_the_table_grows_and_48_afterwards() -> None:
    tracemalloc.start()
    try:
        seen = Seen()
        for number in range(50_000):
            assert seen.add(f"0d5c9a6e-7d0e-4f5b-9b1a-{number:012d}:prompt")
            kept, most = tracemalloc.get_traced_memory()
            assert kept <= max(48 * (number + 1), 16 * FEWEST_SLOTS) + 4096
            assert most <= max(72 * (number + 1), 16 * FEWEST_SLOTS) + 8192
            tracemalloc.reset_peak()
    finally:
        tracemalloc.stop()
