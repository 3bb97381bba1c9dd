"""PURE. A comparison with all that its readers need: what each file sounds like from afar, what of it was damaged, and
the forms in which it is told, as JSON (docs: the command `compare`) and as text.
"""

from dataclasses import dataclass

from speech.comparison.result import Comparison, Edit, EditKind, Verdict

METHOD = "1"
"""Goes up whenever the same two files could get another answer: it stands in the consent log with the answer."""

COLUMNS = 480
"""Of an outline: as many as a picture has room for."""

LOUDEST = 100


@dataclass(frozen=True, slots=True)
class Damage:
    """A stretch of a file that could not be read, in seconds; there is silence instead, as long as is known."""

    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two files. `outline` is the loudness of at most `COLUMNS` equal stretches, 0 to `LOUDEST`."""

    outline: tuple[int, ...]
    damaged: tuple[Damage, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """`tool` says what compared and what decoded, each with its version."""

    tool: str
    comparison: Comparison
    agency: Side
    copy: Side


def as_json(comparison: Comparison) -> dict[str, object]:
    """What `compare --json` prints; its shape is fixed (design, section 5)."""
    return {
        "verdict": comparison.verdict.value,
        "coverage": round(comparison.coverage, 4),
        "drift_ppm": round(comparison.drift_ppm, 1),
        "edits": [
            {
                "kind": edit.kind.value,
                "agency_start_s": round(edit.agency_start_s, 3),
                "agency_end_s": round(edit.agency_end_s, 3),
                "copy_start_s": round(edit.copy_start_s, 3),
                "copy_end_s": round(edit.copy_end_s, 3),
                "confidence": round(edit.confidence, 3),
            }
            for edit in comparison.edits
        ],
    }


VERDICTS: dict[Verdict, str] = {
    Verdict.COMPLETE: "complete: nothing was cut out, put in or replaced in what the copy has",
    Verdict.CUT: "cut: the copy misses something from its middle",
    Verdict.INSERTED: "inserted: the copy has something that the agency's recording has not",
    Verdict.ALTERED: "altered: the copy differs from the agency's recording in more than one way",
    Verdict.UNRELATED: "unrelated: the copy is of another conversation",
}
KINDS: dict[EditKind, str] = {
    EditKind.CUT: "missing in the copy",
    EditKind.INSERT: "only in the copy",
    EditKind.REPLACE: "different in the copy",
}


def as_text(report: Report) -> str:
    """What `compare` prints for people."""
    found = report.comparison
    lines = [VERDICTS[found.verdict], ""]
    lines += [f"agency's recording  {clock(found.agency_s)}", f"copy                {clock(found.copy_s)}"]
    if found.verdict is not Verdict.UNRELATED:
        lines.append(f"the copy has        {found.coverage * 100:.1f} % of the agency's recording")
        lines.append(f"the copy's clock    {found.drift_ppm:+.0f} ppm")
    if found.edits:
        lines += ["", f"{'':3} {'what':22} {'in the recording':19} {'in the copy':19} sure"]
        lines += [_line(number, edit) for number, edit in enumerate(found.edits, start=1)]
    for name, side in (("recording", report.agency), ("copy", report.copy)):
        lines += [f"the {name} is damaged at {between(one.start_s, one.end_s)}" for one in side.damaged]
    return "\n".join(lines)


def _line(number: int, edit: Edit) -> str:
    agency, copy = between(edit.agency_start_s, edit.agency_end_s), between(edit.copy_start_s, edit.copy_end_s)
    return f"{number:3} {KINDS[edit.kind]:22} {agency:19} {copy:19} {edit.confidence * 100:.0f} %"


def between(start_s: float, end_s: float) -> str:
    """A stretch, or the moment where there would be one."""
    start, end = clock(start_s), clock(end_s)
    return start if start == end else f"{start} - {end}"


def clock(seconds: float) -> str:
    """`mm:ss.t`, whatever the number of minutes."""
    tenths = round(seconds * 10)
    return f"{tenths // 600:02}:{tenths // 10 % 60:02}.{tenths % 10}"
