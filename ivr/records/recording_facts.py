"""What the log says of a stored recording: derived when it is stored, and again whenever it is checked."""

from collections.abc import Mapping

from storage.recordings.sound import SoundMeasure
from storage.records import Json, RecordingRow

CHANNEL_MAP = {1: "1 everybody", 2: "1 caller, 2 employee and announcements"}


def facts_of(row: RecordingRow, sound: SoundMeasure) -> Mapping[str, Json]:
    """`digest` is that of the file, `pcm_digest` of its samples, `seconds_root` of the tree over its seconds."""
    return {
        "recording_sid": row.recording_sid,
        "digest": row.digest,
        "size_bytes": row.size_bytes,
        "samples": row.samples,
        "channels": row.channels,
        "sample_rate_hz": row.sample_rate_hz,
        "channel_map": CHANNEL_MAP.get(row.channels, "not known"),
        "pcm_digest": sound.pcm_digest,
        "seconds": len(sound.seconds),
        "seconds_root": sound.seconds_root,
        "completeness": f"{row.completeness:.4f}",
        "destroy_after": row.destroy_after.isoformat(),
    }
