"""Our exceptions, grouped by who must act."""


class SpelregelError(Exception):
    """Everything that we raise ourselves; the text is one line that says what to do."""


class TryLater(SpelregelError):
    """Passing: the same again later is right."""


# the carrier must be asked again, or not at all
class CarrierError(SpelregelError):
    """The carrier did not do what was asked."""


class CarrierBusy(CarrierError, TryLater):
    """Passing: 429, 408, 5xx or no connection. Asking again is right."""


class CarrierRefused(CarrierError):
    """Final: asking again gives the same answer. `status` is the HTTP status, 0 where there was none."""

    def __init__(self, text: str, status: int = 0) -> None:
        super().__init__(text)
        self.status = status


class RecordingNotReady(CarrierBusy):
    """The recording's file is not there yet."""


# the malware scanner must be asked again
class ScannerBusy(TryLater):
    """No connection, no answer in time, or an answer that says nothing about the file."""


# the agency's processing log must be asked again, or looked at
class ProcessingLogBusy(TryLater):
    """No connection, no answer in time, or one that says to come back: in `pause_s` seconds."""

    def __init__(self, text: str, pause_s: float = 60.0) -> None:
        super().__init__(text)
        self.pause_s = pause_s


class ProcessingLogRefused(SpelregelError):
    """Final: it does not take this record, or is no processing log."""


# a witness outside must be asked again, or told about us
class WitnessBusy(TryLater):
    """No connection, no answer in time, or one that says to come back."""


class WitnessRefused(SpelregelError):
    """Final: it does not take our checkpoints, or what it says about one is not right."""


# integrity: stop and alarm
class LogContradicted(SpelregelError):
    """A witness saw another log than the one that is here. `size` is that of the checkpoint it has."""

    def __init__(self, text: str, size: int) -> None:
        super().__init__(text)
        self.size = size


class Unusable(SpelregelError):
    """A file is no sound that can be compared: the agency's own where `is_agencys`, else the copy."""

    def __init__(self, is_agencys: bool, too_long: bool) -> None:
        super().__init__("the agency's recording cannot be compared" if is_agencys else "the copy cannot be compared")
        self.is_agencys = is_agencys
        self.too_long = too_long


# the comparison must be made again
class ComparisonBroken(TryLater):
    """The process that compares ended without an answer: it was killed, or the file is stronger than the decoder."""


class RecordingUnderWay(TryLater):
    """The agency's recording of the call is not in the store yet."""


# the worker must sign the log first
class NotYetSigned(TryLater):
    """No signed checkpoint covers the log entry yet."""


# the request is wrong
class UnknownAgency(SpelregelError):
    """No profile belongs to the number that was called."""
