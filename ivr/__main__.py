"""python -m ivr: the same as `spelregel`."""

from ivr.cli import main

main()
