"""How the web processes run: read by gunicorn from the folder it is started in.

Worker class and count were chosen by measuring: gevent serves signed webhooks that wait on Redis best, and
does not collapse as threads do. A setting that a host may want to change is an environment variable.
"""

import gc
import os
import sys
from pathlib import Path

from gunicorn.arbiter import Arbiter
from gunicorn.glogging import Logger
from gunicorn.workers.base import Worker

from live import logs, tallies
from local import CannotStartError, valkey

VAR = Path(__file__).parent / "var"
BEHIND_A_ROUTER = bool(os.environ.get("DYNO"))
SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 - gunicorn makes an unlinked file there
# Set here, before any worker imports prometheus_client, which reads it on import.
METRICS = Path(os.environ.setdefault("PROMETHEUS_MULTIPROC_DIR", str(VAR / "metrics")))

bind = f"{os.environ.get('BIND_HOST') or '0.0.0.0'}:{os.environ.get('PORT') or '8000'}"  # noqa: S104
workers = int(os.environ.get("WEB_CONCURRENCY") or 2)
worker_class = "gevent"
preload_app = False  # each worker makes its own connections
loglevel = (os.environ.get("LOG_LEVEL") or "info").lower()
accesslog = None
logconfig_dict = logs.for_gunicorn()
# A dyno is reached through the router only, so whoever connects may say that the request came by https.
forwarded_allow_ips = os.environ.get("FORWARDED_ALLOW_IPS") or ("*" if BEHIND_A_ROUTER else "127.0.0.1")
forwarder_headers = ""  # not SCRIPT_NAME and PATH_INFO, the default: the router passes on a stranger's
graceful_timeout = 8  # seconds; less than the 10 of `make run` and the 30 of Heroku
# Heroku's router closes an idle connection after 90 s, and must be the one that does; elsewhere an open
# browser would only delay the end.
keepalive = 95 if BEHIND_A_ROUTER else 2
worker_tmp_dir = str(SHARED_MEMORY) if SHARED_MEMORY.is_dir() else None  # heartbeats that never wait for a disk
control_socket_disable = True  # it would be one file in the home folder for every gunicorn of this user

_embedded: list[valkey.Embedded] = []


class OwnLines(Logger):
    """Writes no line for each request unless --access-logfile asks for it; `logconfig_dict` alone would bring them."""

    @property
    def access_log_enabled(self) -> bool:
        """Whether a place for them was given."""
        return bool(self.cfg.accesslog)


logger_class = OwnLines


def on_starting(server: Arbiter) -> None:  # noqa: ARG001 - gunicorn's signature
    """Empty the metrics of the last run, and start Valkey when no REDIS_URL names a server."""
    if VAR in METRICS.parents:  # where a host keeps them elsewhere, it may let nothing be written beside the code
        VAR.mkdir(mode=valkey.PRIVATE, parents=True, exist_ok=True)
    METRICS.mkdir(parents=True, exist_ok=True)
    tallies.empty(METRICS)
    if os.environ.get("REDIS_URL"):
        return
    try:
        _embedded.append(valkey.ensure(VAR))
    except CannotStartError as problem:
        sys.exit(f"cannot start: {problem}")
    os.environ["REDIS_URL"] = _embedded[0].url


def post_worker_init(worker: Worker) -> None:
    """Let streams and simulated calls end with the worker, and leave what was loaded out of garbage collections.

    Those that did not would hold up the end of its worker for all of graceful_timeout; a call would then be lost.
    The settings of a large company are a million objects that live as long as the process: walking them again and
    again would show in the slowest answers.
    """
    extensions = getattr(worker.wsgi, "extensions", {})
    watch, telephones = extensions.get("now"), extensions.get("telephone")
    if watch:
        watch.broadcast.alive = lambda: worker.alive
    if telephones:
        telephones.alive = lambda: worker.alive
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 50, 100)  # a webhook makes some thousand objects, all of them gone with it


def child_exit(server: Arbiter, worker: Worker) -> None:  # noqa: ARG001 - gunicorn's signature
    """Put what a worker has counted to what all have that have ended."""
    tallies.take_over(METRICS, worker.pid)


def on_exit(server: Arbiter) -> None:  # noqa: ARG001 - gunicorn's signature
    """Stop the Valkey that was started above, if it was."""
    for embedded in _embedded:
        valkey.stop(embedded)
