"""A StasisStart becomes a call, or is refused: where what the dialplan said is checked."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid4

import structlog

from ari_app.call import Call
from ari_app.client import AriError, Client, Event
from ari_app.clock import now_ms
from ari_app.flow import Flow
from ari_app.flows import FLOWS
from ari_app.services import Services
from ari_app.state import CallState
from cordboard.attempt import parse

log = structlog.get_logger(__name__)

_CODE = re.compile(r"[a-z0-9-]{1,40}")
_refusals: set[asyncio.Task[None]] = set()


def new_call(event: Event, services: Services, live: set[str]) -> tuple[Flow, Call] | None:
    """The call of a caller who entered ``Stasis(cordboard,<flow>,<call>,<group>,<menu choice>)``.

    Args:
        event: the StasisStart.
        services: what the call may use.
        live: ids that are taken.

    Returns:
        None when no flow has that name; the caller is hung up.
    """
    name, given_id, group, choice = [*event.get("args", ()), "", "", "", ""][:4]
    channel = event["channel"]
    flow = FLOWS.get(name)
    if flow is None:
        log.error("call.refused", flow=name[:40], channel=channel["id"])
        _refuse(services.client, channel["id"])
        return None
    now = now_ms()
    state = CallState(
        id=_call_id(given_id, live),
        flow=name,
        channel=channel["id"],
        ani=str(channel.get("caller", {}).get("number", ""))[:32],
        group=group if _CODE.fullmatch(group) else "",
        menu_choice=choice if _CODE.fullmatch(choice) else "",
        started_ms=now,
        entered_ms=now,
    )
    return flow, Call(state, services)


def new_callback(attempt: Mapping[str, Any], services: Services) -> tuple[Flow, Call]:
    """The call of an attempt that the engine hands over; its id is the attempt's.

    Args:
        attempt: the JSON of docs/architecture.md.
        services: what the call may use.

    Raises:
        ValueError: something in it must not be used; the attempt can only be ended as failed.
    """
    order = parse(attempt)
    state = CallState(
        id=order.id,
        flow="callback",
        channel=f"{order.id}.customer.1",
        ani=order.number,
        dnis=order.rule.dnis,
        started_ms=(now := now_ms()),
        entered_ms=order.entered_ms or now,
        subscriber=order.subscriber,
        request=order.request,
        visitor=order.visitor,
        callback=dict(attempt),
    )
    return FLOWS[state.flow], Call(state, services)


def _call_id(given: str, live: set[str]) -> str:
    """The id that ``open-call`` made; one of our own when there is none, or when it is taken."""
    try:
        call_id = str(UUID(given))
    except ValueError:
        call_id = str(uuid4())
    return str(uuid4()) if call_id in live else call_id


def _refuse(client: Client, channel_id: str) -> None:
    async def hang_up() -> None:
        try:
            await client.channel(channel_id).hangup()
        except AriError as error:
            log.warning("call.not_refused", channel=channel_id, error=str(error))

    task = asyncio.create_task(hang_up())
    _refusals.add(task)
    task.add_done_callback(_refusals.discard)
