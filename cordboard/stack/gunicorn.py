"""gunicorn's settings for the web desk: greenlets, so that open event streams are cheap."""

from __future__ import annotations

from cordboard.settings import load_settings

_settings = load_settings()

bind = f"127.0.0.1:{_settings.port('web')}"
worker_class = "gevent"
workers = _settings.web_workers
#: Event streams stay open; this counts them too.
worker_connections = 4000
timeout = 30
graceful_timeout = 2
keepalive = 30
accesslog = None
proc_name = f"cordboard-web-{_settings.instance}"
