"""Server settings that web and media share; what differs is named by `spelregel serve`. docs/adr/0005 says why."""

import logging

control_socket_disable = True
accesslog = None
keepalive = 75  # longer than a proxy keeps its side, so that no webhook meets a closing connection
loglevel = "warning"
logger_class = "gunicorn.glogging.Logger"
# Many streams are decoded at once, each in one thread: a library's own threads would only fight over the same cores.
raw_env = ["OPENBLAS_NUM_THREADS=1"]
worker_tmp_dir = "/dev/shm"  # noqa: S108 - gunicorn's heartbeat file; on a disk it can block a worker


def post_fork(server: object, worker: object) -> None:  # noqa: ARG001 - gunicorn calls it so
    """Whatever a worker logs is one JSON line (config.logging)."""
    gunicorns = logging.getLogger("gunicorn.error")
    gunicorns.handlers.clear()
    gunicorns.propagate = True
