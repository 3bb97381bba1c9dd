"""What compares two files, as a Protocol: apart from the other ports, because only this one speaks of sound."""

from typing import BinaryIO, Protocol

from speech.comparison.report import Report


class Comparer(Protocol):
    """Compares two files of sound, of which a stranger made the second."""

    def compare(self, agency: BinaryIO, copy: BinaryIO) -> Report:
        """Raises `Unusable` where one of the two is no sound that can be compared, `ComparisonBroken` where the
        comparison itself came to no end."""
        ...
