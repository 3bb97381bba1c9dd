"""What the media processes of one host tell of themselves: in memory that they share, so that any one answers for all.

Made before the processes fork. Each then claims a row, writes only there, and never waits for another.
"""

import mmap
import multiprocessing
import os
from bisect import bisect_left
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

LAG_BOUNDS_S = (0.1, 0.2, 0.35, 0.5, 0.75, 1.0, 2.0, 5.0)

Row = NDArray[np.float64]


class Cell(IntEnum):
    """A row's cells; behind them a count of batches for each bound of the lag, and for what is above them all."""

    PID = 0
    LISTENS = 1
    HEARD_STREAMS = 2
    UNHEARD_STREAMS = 3
    LAG_S = 4
    LOST_AUDIO_S = 5
    LAG_SUM_S = 6


ROW_CELLS = len(Cell) + len(LAG_BOUNDS_S) + 1


class SharedFigures:
    """One row a process, and one more for each while its successor starts."""

    def __init__(self, processes: int) -> None:
        memory = mmap.mmap(-1, 2 * processes * ROW_CELLS * np.float64().nbytes)
        self._rows: Row = np.frombuffer(memory, np.float64).reshape(-1, ROW_CELLS)
        self._claiming = multiprocessing.get_context("fork").Lock()

    def claim(self) -> "ProcessFigures":
        """A row for this process: one that was never used, or whose process is gone."""
        with self._claiming:
            row: Row = next(row for row in self._rows if not _is_alive(row))
            row[:] = 0
            row[Cell.PID] = os.getpid()
        return ProcessFigures(self, row)

    def as_text(self) -> str:
        """Prometheus text format."""
        rows = [(number, row) for number, row in enumerate(self._rows) if _is_alive(row)]
        lines = []

        def tell(name: str, kind: str, cells: list[tuple[str, Cell]]) -> None:
            lines.append(f"# TYPE {name} {kind}")
            for number, row in rows:
                lines.extend(f'{name}{{process="{number}"{labels}}} {row[cell]:g}' for labels, cell in cells)

        tell("spelregel_media_listens", "gauge", [("", Cell.LISTENS)])
        heard, unheard = (',heard="yes"', Cell.HEARD_STREAMS), (',heard="no"', Cell.UNHEARD_STREAMS)
        tell("spelregel_media_streams", "gauge", [heard, unheard])
        tell("spelregel_media_present_lag_seconds", "gauge", [("", Cell.LAG_S)])
        tell("spelregel_media_lost_audio_seconds_total", "counter", [("", Cell.LOST_AUDIO_S)])
        name = "spelregel_media_lag_seconds"
        lines.append(f"# TYPE {name} histogram")
        for number, row in rows:
            count = 0
            for bound, batches in zip([*LAG_BOUNDS_S, "+Inf"], row[len(Cell) :], strict=True):
                count += int(batches)
                lines.append(f'{name}_bucket{{process="{number}",le="{bound}"}} {count}')
            lines.append(f'{name}_sum{{process="{number}"}} {row[Cell.LAG_SUM_S]:g}')
            lines.append(f'{name}_count{{process="{number}"}} {count}')
        return "\n".join(lines) + "\n"


def _is_alive(row: Row) -> bool:
    pid = int(row[Cell.PID])
    if pid == 0:
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


class ProcessFigures:
    """One process's row."""

    def __init__(self, shared: SharedFigures, row: Row) -> None:
        self.shared = shared
        self._row = row

    def tell(self, *, listens: bool, heard: int, unheard: int, lag_s: float) -> None:
        """As it is now: whether new calls are listened to, how many streams are, and how far behind real time."""
        self._row[Cell.LISTENS] = listens
        self._row[Cell.HEARD_STREAMS] = heard
        self._row[Cell.UNHEARD_STREAMS] = unheard
        self._row[Cell.LAG_S] = lag_s

    def count_batch(self, lag_s: float) -> None:
        """A batch of audio was recognised so long after its first frame came."""
        self._row[len(Cell) + bisect_left(LAG_BOUNDS_S, lag_s)] += 1
        self._row[Cell.LAG_SUM_S] += lag_s

    def count_lost(self, audio_s: float) -> None:
        self._row[Cell.LOST_AUDIO_S] += audio_s
