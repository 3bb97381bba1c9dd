"""Starts the processes of the service: gunicorn for web and media, and the job worker."""

import os
import sys

from config.settings import Settings
from ivr.adapters import CONFIG_DIR
from ivr.calls.jobs import JobKind
from ivr.jobs.worker import SWEEP_PACE_S, TIMER_LEASE_S, TIMER_PACE_S, Pacer
from ivr.wiring import Wiring
from speech.engines.select import find_models

WATCH_PACE_S = 5.0
RETENTION_PACE_S = 3600.0
LOG_HEALTH_PACE_S = 3600.0
CHECK_LEASE_S = 6 * 3600.0
"""A check of a very long log takes its time; it has a thread of its own."""
COPY_LEASE_S = 3600.0
"""An hour of a call takes about a minute: it keeps no text message waiting, and so has a thread of its own too."""

COMPARING_LEASE_S = 3600.0
"""Longer than a comparison may take; after a crash it is made again when this is over."""

WEB_THREADS = 16


def gunicorn_arguments(process: str, settings: Settings, *, graceful_s: int) -> list[str]:
    """The command of one process. docs/adr/0005 has the reasons and the measurements."""
    shared = [sys.executable, "-m", "gunicorn", "--config", str(CONFIG_DIR / "gunicorn.py")]
    if process == "web":
        own = ["--worker-class", "gthread", "--threads", str(WEB_THREADS), "--bind", settings.web_bind]
        return [*shared, *own, "--graceful-timeout", "30", "ivr.app:web()"]
    own = ["--worker-class", "aiohttp.GunicornWebWorker", "--bind", settings.media_bind]
    several = ["--preload", "--workers", str(settings.media_processes)]
    return [*shared, *own, *several, "--graceful-timeout", str(graceful_s), "ivr.app:media()"]


def serve(process: str, wiring: Wiring) -> None:
    """Become the gunicorn of this process; does not return. What it cannot start without is looked at before."""
    wiring.prepare()
    if process == "web":
        _ = wiring.agency_sign_in, wiring.log_key, wiring.witnesses  # raise for what can never work
    if process == "media":
        s = wiring.settings
        find_models(s.speech_engine, s.model_dir, s.second_opinion)
    command = gunicorn_arguments(process, wiring.settings, graceful_s=30)
    os.execv(command[0], command)  # noqa: S606 - our own interpreter with fixed arguments


def work(wiring: Wiring) -> None:
    """Run jobs and timers until SIGTERM or SIGINT."""
    wiring.prepare()
    _ = wiring.signer, wiring.witnesses  # raise for what can never work
    runner = wiring.runner  # built here: the threads below share it
    pacers = [
        Pacer("timers", TIMER_PACE_S, lambda: runner.run_due([JobKind.TIMER], TIMER_LEASE_S)),
        Pacer("jobs", SWEEP_PACE_S, lambda: runner.run_due(wiring.job_kinds)),
        Pacer("copies", SWEEP_PACE_S, lambda: runner.run_due([JobKind.PREPARE_COPY], COPY_LEASE_S)),
        Pacer("watch", WATCH_PACE_S, wiring.watch.look_after_all),
        Pacer("retention", RETENTION_PACE_S, wiring.retention.keep),
        Pacer("recordings", RETENTION_PACE_S, wiring.tidy_recordings),
        Pacer("log health", LOG_HEALTH_PACE_S, wiring.log_watch.keep),
        Pacer("checkpoints", wiring.settings.checkpoint_every.total_seconds(), wiring.witnessing.keep),
        Pacer("processing log", SWEEP_PACE_S, lambda: runner.run_due([JobKind.ACCOUNT_PROCESSING])),
        Pacer("witnesses", SWEEP_PACE_S, lambda: runner.run_due([JobKind.SEND_CHECKPOINT])),
        Pacer("comparisons", SWEEP_PACE_S, lambda: runner.run_due([JobKind.COMPARE_COPY], COMPARING_LEASE_S)),
        Pacer("checks", SWEEP_PACE_S, lambda: runner.run_due([JobKind.VERIFY_LOG], CHECK_LEASE_S)),
        Pacer("residue", SWEEP_PACE_S, lambda: runner.run_due([JobKind.CLEAR_RESIDUE], CHECK_LEASE_S)),
    ]
    for pacer in pacers:
        pacer.start()
    # Until SIGTERM (jobs in hand are finished) or SIGINT (they are repeated when their lease ends).
    wiring.wake_up.huey.create_consumer(workers=1, periodic=False, graceful_signal="TERM").run()
    for pacer in pacers:
        pacer.stop()
