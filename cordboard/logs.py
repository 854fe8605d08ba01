"""Logs as JSON, one object a line, the same from every process.

Each line carries ``component`` and, where :func:`bind_call` was used, ``call_id``. What other
libraries log goes the same way. Values under a name that digits or secrets go by are never written.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import orjson
import structlog

Event = MutableMapping[str, Any]

#: Names whose values are never written, whoever passes them.
NEVER_LOGGED = frozenset(
    ("ssn", "cb_ssn", "pin", "digits", "dtmf", "password", "secret", "authorization", "cookie")
)


def configure(component: str, level: str = "info") -> None:
    """Set logging up for this process; call it once, before anything logs."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        _adder(component),
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
        hide_secrets,
    ]
    finish: list[Any] = [
        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
        # Text, without local variables: those may hold what a caller keyed.
        structlog.processors.format_exc_info,
        structlog.processors.JSONRenderer(serializer=_dumps),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(level),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=finish)
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())


def bind_call(call_id: str) -> None:
    """Every line that this task or thread logs from now on carries ``call_id``."""
    structlog.contextvars.bind_contextvars(call_id=call_id)


def hide_secrets(_logger: Any, _method: str, event: Event) -> Event:
    """Put ``***`` for every value whose name is in ``NEVER_LOGGED``."""
    for name in event:
        if name.lower() in NEVER_LOGGED:
            event[name] = "***"
    return event


def _adder(component: str) -> Any:
    """A processor that names the component, in threads too, which have a context of their own."""

    def add(_logger: Any, _method: str, event: Event) -> Event:
        event.setdefault("component", component)
        return event

    return add


def _dumps(event: Any, default: Any, **_options: Any) -> str:
    return orjson.dumps(event, default=default, option=orjson.OPT_NON_STR_KEYS).decode()
