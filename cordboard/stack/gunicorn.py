"""gunicorn's settings for the web desk: greenlets, so that open event streams are cheap."""

from __future__ import annotations

import ctypes
import signal
from typing import Any

from cordboard import logs
from cordboard.settings import load_settings

#: From <linux/prctl.h>: the signal that a process gets when its parent ends.
PR_SET_PDEATHSIG = 1

_settings = load_settings()

bind = f"127.0.0.1:{_settings.port('web')}"
if _settings.tls:
    from cordboard.stack import certificate

    # Missing files end the start with their name; `cordboard up` makes them.
    _files = certificate.files(_settings)
    certfile, keyfile = str(_files.certificate), str(_files.key)
worker_class = "gevent"
workers = _settings.web_workers
#: Event streams stay open; this counts them too.
worker_connections = 4000
timeout = 30
graceful_timeout = 2
keepalive = 30
#: supervisor starts and stops it; a socket in the home folder would be shared by all instances.
control_socket_disable = True
proc_name = f"cordboard-web-{_settings.instance}"

#: gunicorn's own lines go where all others go; requests are counted (/metrics), not logged.
logconfig_dict = {
    "loggers": {
        "gunicorn.error": {"handlers": [], "propagate": True},
        "gunicorn.access": {"handlers": [], "propagate": False},
    }
}


def on_starting(_server: Any) -> None:
    """Log as the other processes do; workers inherit it."""
    logs.configure("web", _settings.log_level)


def post_fork(_server: Any, _worker: Any) -> None:
    """Let the worker end with its server, also when that is killed: the next one needs the port."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def worker_exit(_server: Any, worker: Any) -> None:
    """Close the database connections, which would otherwise complain while Python ends."""
    application = worker.app.callable
    if application is not None:
        application.extensions["cordboard"].pool.close()
