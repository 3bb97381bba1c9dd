"""What the stores raise."""


class StorageError(Exception):
    """Everything that the stores raise themselves."""


class UnknownCall(StorageError):
    """No such call."""


class DuplicateCall(StorageError):
    """The carrier's call sid is already stored."""


class UnknownCase(StorageError):
    """No such case file, or not any more."""


class DuplicateCase(StorageError):
    """The case id is already stored."""


class UnknownUser(StorageError):
    """Nobody of that name."""


class DuplicateUser(StorageError):
    """Somebody has that name, or had it: names are never given again, because old entries speak of them."""


class UnknownRequest(StorageError):
    """No such request of a data subject."""


class DuplicateRecording(StorageError):
    """The carrier's recording sid is already stored."""


class VersionConflict(StorageError):
    """Somebody else moved the call first; load it again."""


class ObjectExists(StorageError):
    """Recordings are written once."""


class ObjectMissing(StorageError):
    """No such object, or not any more."""


class ObjectDamaged(StorageError):
    """The object's bytes are not what was written."""


class LogBroken(StorageError):
    """The consent log is not what was written; the text names the first bad entry."""


class NotAnExport(StorageError):
    """The file is not an export of a consent log."""


class StorageUnavailable(StorageError):
    """Busy, full or out of reach: nothing is known to be written. Trying again later is right."""


class ConstraintBroken(StorageError):
    """What was to be written contradicts what is stored, such as a stream of an unknown call."""
