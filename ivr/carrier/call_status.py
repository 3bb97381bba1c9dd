"""PURE. The words of the carrier's `CallStatus`."""

NOT_REACHED = ("busy", "failed", "no-answer", "canceled")
OVER = ("completed", *NOT_REACHED)
