"""python -m ivr.emulator --port 8100 --account-sid AC… --auth-token … --voice-url http://127.0.0.1:8000/voice/incoming"""

import argparse
import asyncio
import json
import signal
import sys
from pathlib import Path

from ivr.emulator.carrier import LocalCarrier, serve
from ivr.emulator.faults import BadFaults


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="ivr.emulator", description="A local Twilio for demo and tests.")
    parser.add_argument("--port", type=int, default=8100)
    parser.add_argument("--host", default="127.0.0.1", help="loopback only")
    parser.add_argument("--account-sid", required=True)
    parser.add_argument("--auth-token", required=True)
    parser.add_argument("--voice-url", required=True, help="asked for the document of every incoming call")
    parser.add_argument("--voice-fallback-url", default="")
    parser.add_argument("--status-callback", default="", help="told when a call to the number ends")
    parser.add_argument("--number", default="+31201234567")
    parser.add_argument("--state-dir", type=Path, help="where recordings lie; default: a temporary folder")
    parser.add_argument("--faults", type=json.loads, default={}, help="JSON, see ivr/emulator/faults.py")
    return parser.parse_args()


async def _main(arguments: argparse.Namespace) -> None:
    stop = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    await serve(LocalCarrier(**vars(arguments)), stop)


if __name__ == "__main__":
    try:
        asyncio.run(_main(_arguments()))
    except (ValueError, BadFaults, OSError) as error:
        sys.exit(f"ivr.emulator: {error}")
