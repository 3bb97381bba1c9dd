"""What of a damaged recording still is what was recorded, second by second."""

from collections.abc import Iterator, Sequence
from typing import BinaryIO

from ivr.evidence_ports import StoredObjects
from storage.consent_log.chain import leaf_hash, root_of_leaves
from storage.errors import ObjectDamaged
from storage.recordings.sound import NoWholeWav, SoundPlace, find_sound
from storage.records import LoggedEntry, RecordingRow


def name_lost_seconds(
    store: StoredObjects, row: RecordingRow, seconds: Sequence[bytes], entry: LoggedEntry | None
) -> str:
    """In words: which seconds are lost, where the others can be shown to be what was recorded.

    `seconds` are the hashes that were kept beside the recording; they count only under the root that the log has.
    """
    if entry is None or root_of_leaves(seconds).hex() != entry.facts.get("seconds_root"):
        return "what each second was is not known"
    try:
        with store.open(row.object_key) as stored:
            lost = list(_lost(stored, _place_of(stored, row), seconds))
    except ObjectDamaged:
        lost = list(range(len(seconds)))
    if len(lost) == len(seconds):
        return "no second of it can be read"
    return f"lost are the seconds {_as_ranges(lost)}; the other {len(seconds) - len(lost)} are what was recorded"


def _place_of(stored: BinaryIO, row: RecordingRow) -> SoundPlace:
    """By the file's own header; where that is lost, the samples come last. A wrong guess fits no hash."""
    try:
        return find_sound(stored)
    except (ObjectDamaged, NoWholeWav):
        frame_bytes = 2 * row.channels
        sound_bytes = row.samples * frame_bytes
        start = max(0, row.size_bytes - sound_bytes)
        return SoundPlace(start, sound_bytes, row.channels, row.sample_rate_hz, frame_bytes, 0)


def _lost(stored: BinaryIO, place: SoundPlace, seconds: Sequence[bytes]) -> Iterator[int]:
    for number, expected in enumerate(seconds):
        start = number * place.second_bytes
        try:
            stored.seek(place.start + start)
            sound = stored.read(min(place.second_bytes, place.sound_bytes - start))
        except ObjectDamaged:
            yield number
        else:
            if leaf_hash(sound) != expected:
                yield number


def _as_ranges(numbers: Sequence[int]) -> str:
    """`3-5, 9`."""
    ranges: list[tuple[int, int]] = []
    for number in numbers:
        if ranges and ranges[-1][1] == number - 1:
            ranges[-1] = ranges[-1][0], number
        else:
            ranges.append((number, number))
    return ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in ranges)
