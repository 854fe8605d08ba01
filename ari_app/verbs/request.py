"""The request behind a call that is to be made: its card, and whose browsers are told."""

from __future__ import annotations

from typing import Any

from ari_app.call import Call
from ari_app.cards import minimal
from ari_app.groups import Line
from ari_app.verbs.seal import seal, visitor_is_here
from cordboard import keys, whisper
from cordboard.attempt import Attempt


async def load_request(call: Call) -> None:
    """Make the call's row and read its card; without the database the attempt itself serves."""
    state = call.state
    card = await call.services.cards.open_callback(call.id)
    if card is None:
        call.services.journal.call(
            call.id, direction="outbound", ani=state.ani, started_ms=state.started_ms
        )
        card = _minimal(call)
    web = card.get("web") or {}
    card["web"] = {**web, "whisper": " ".join(whisper.phrases(call.callback))}
    card["web"]["visitor_here"] = await visitor_is_here(call)
    state.withheld = card
    seal(call)


def tell_whose_call(call: Call) -> None:
    """From now on this is the visitor's call: pages pushed in it reach the visitor's browsers."""
    state = call.state
    if state.visitor:
        key = keys.call_of_visitor(state.visitor)
        call.services.bus.pipe.set(key, call.id, ex=keys.VISITOR_S)


def _minimal(call: Call) -> dict[str, Any]:
    """A card of what the attempt tells; ``incomplete``."""
    order = call.callback
    group = call.services.groups.get(order.rule.group)
    card = minimal(
        call.id,
        ani=order.number,
        dnis=order.rule.dnis,
        line=Line(order.subscriber, order.company, group.code, group.name),
        data={**order.rule.tag2, "SUBJECT": order.rule.subject, "CALL_ID": call.id},
    )
    return {**card, "web": _visit(order)}


def _visit(order: Attempt) -> dict[str, Any]:
    """What the visitor did, and wants to talk about."""
    return {
        "request_id": order.request,
        "source": order.source,
        "subject": order.rule.name,
        "subject_code": order.rule.subject,
        "customer_code": order.customer_code,
        "note": order.note,
        "page_title": order.page_title,
        "page_url": order.page_url,
        "pages": [dict(page) for page in order.pages],
        "pushes": [],
    }
