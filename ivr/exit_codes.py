"""What the command `spelregel` ends with; Python itself gives 1 for a fault of ours."""

GOOD = 0
UNUSABLE = 2
"""Wrong use, or input that cannot be used."""

BROKEN = 3
"""The consent log, or a proof of it, is not what was written."""
