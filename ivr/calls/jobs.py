"""PURE. The kinds of work that happen after a fact was committed."""

from enum import StrEnum


class JobKind(StrEnum):
    """Timers are jobs too: they survive a crash and fire late rather than never."""

    TIMER = "timer"
    CARRIER_ORDER = "carrier-order"  # what the carrier has not obeyed yet
    COLLECT_RECORDING = "collect-recording"
    PREPARE_COPY = "prepare-copy"
    SEND_COPY = "send-copy"
    SEND_REFUSAL = "send-refusal"
    SEND_CODE = "send-code"
    ASK_FOR_COPY = "ask-for-copy"
    CHECK_UPLOAD = "check-upload"
    COMPARE_COPY = "compare-copy"
    SEAL_LOG = "seal-log"
    VERIFY_LOG = "verify-log"
    ACCOUNT_PROCESSING = "account-processing"
    SEND_CHECKPOINT = "send-checkpoint"  # to a witness outside
    CLEAR_RESIDUE = "clear-residue"  # of what was erased, in the database's files


SEAL_KEY = "log"
"""Of the job that signs the head of the consent log: there is one log, and one such job."""
