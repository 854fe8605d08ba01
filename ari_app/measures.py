"""Figures for ``/metrics``: read from the app when they are asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prometheus_client import Gauge

if TYPE_CHECKING:
    from ari_app.bootstrap import App

CALLS = Gauge("cordboard_calls_live", "Calls that call control runs now, wrap-up included.")
WAITING = Gauge("cordboard_calls_waiting", "Calls that wait for an agent now.")
FREE = Gauge("cordboard_agents_free", "Agents who could take a call now.")
BEHIND = Gauge("cordboard_journal_batch", "Journal entries being applied to PostgreSQL now.")
UP = Gauge("cordboard_ari_up", "1 while the events of Asterisk reach us.")


def watch(app: App) -> None:
    """Let the gauges look at an app."""
    CALLS.set_function(lambda: len(app.dispatcher.calls))
    WAITING.set_function(lambda: len(app.services.acd))
    FREE.set_function(lambda: len(app.agents.free()))
    BEHIND.set_function(lambda: app.writer.behind)
    UP.set_function(lambda: int(app.socket.up))
