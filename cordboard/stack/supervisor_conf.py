"""supervisord's configuration for one instance.

A program's environment carries its fingerprint, so supervisor itself sees which programs changed.
"""

from __future__ import annotations

import os
import shlex

from cordboard.settings import Settings
from cordboard.stack import paths
from cordboard.stack.components import Component
from cordboard.stack.errors import StackError

HEADER = """\
; Written by `cordboard up`.
[unix_http_server]
file={folder}/supervisor.sock
chmod=0700
[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface
[supervisord]
directory={run}
logfile={run}/log/supervisord.log
logfile_maxbytes=2MB
logfile_backups=1
pidfile={run}/supervisord.pid
childlogdir={run}/log
umask=077
"""

PROGRAM = """
[program:{name}]
command={command}
directory={folder}
environment={environment}
autostart=false
priority={priority}
autorestart=true
startsecs=1
startretries=1000000
stopsignal={stop_signal}
stopasgroup={signal_group}
killasgroup=true
stopwaitsecs=10
redirect_stderr=true
stdout_logfile={log}
stdout_logfile_maxbytes=10MB
stdout_logfile_backups=3
"""


def configuration(settings: Settings, components: list[Component]) -> str:
    """The text of supervisord's configuration."""
    text = HEADER.format(folder=paths.socket_folder(settings), run=settings.run)
    for priority, component in enumerate(components):
        environment = {
            # The demo shop, whose hooks are called, is on this machine.
            "CORDBOARD_WEBHOOK_PRIVATE_TARGETS": "true",
            # Its page stands for a payment provider too.
            "CORDBOARD_PAYMENT_PROVIDER": "test",
            **_overrides(settings),
            "CORDBOARD_INSTANCE": settings.instance,
            "CORDBOARD_FINGERPRINT": component.fingerprint,
            "PYTHONUNBUFFERED": "1",
        }
        text += PROGRAM.format(
            name=component.name,
            command=_escape(shlex.join(component.command)),
            folder=_escape(str(component.folder)),
            environment=",".join(f"{key}={_quote(value)}" for key, value in environment.items()),
            stop_signal=component.stop_signal,
            priority=priority,
            signal_group=str(component.signal_group).lower(),
            log=_escape(str(paths.log_file(settings, component.name))),
        )
    return text


def _overrides(settings: Settings) -> dict[str, str]:
    """The settings that the environment sets; the secrets reach a component by its own file."""
    names = (f"CORDBOARD_{name.upper()}" for name in type(settings).model_fields)
    return {name: os.environ[name] for name in names if os.environ.get(name)}


def _escape(value: str) -> str:
    return value.replace("%", "%%")


def _quote(value: str) -> str:
    if '"' in value or "\n" in value:
        raise StackError(f"a CORDBOARD_ variable holds a quote or a line end: {value!r}")
    return f'"{_escape(value)}"'
