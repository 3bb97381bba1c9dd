"""Our exceptions, grouped by who must act."""


class SpeechError(Exception):
    """Everything that this area raises itself; the text is one line that says what to do."""


class UnusableAudio(SpeechError):
    """Whoever gave the file must give another one."""


class TooLong(UnusableAudio):
    """It lasts longer than we take."""


class ModelError(SpeechError):
    """The operator must install, repair or choose another speech model."""
