"""The request behind a call that is to be made: its card, and whose browsers are told."""

from __future__ import annotations

from typing import Any

from ari_app.call import Call
from ari_app.verbs.seal import seal, visitor_is_here
from cordboard import cti, keys, whisper


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
    card["web"] = {**web, "whisper": " ".join(whisper.phrases(_order(call)))}
    card["web"]["visitor_here"] = await visitor_is_here(call)
    state.withheld = card
    seal(call)


def tell_whose_call(call: Call) -> None:
    """From now on this is the visitor's call: pages pushed in it reach the visitor's browsers."""
    state = call.state
    if state.visitor:
        key = keys.call_of_visitor(state.visitor)
        call.services.bus.pipe.set(key, call.id, ex=keys.VISITOR_S)


def _order(call: Call) -> Any:
    assert call.order is not None
    return call.order


def _minimal(call: Call) -> dict[str, Any]:
    """A card of what the attempt tells; ``incomplete``."""
    order = _order(call)
    group = call.services.groups.get(order.rule.group)
    data = {
        **order.rule.tag2,
        "SUBSCRIBER": order.subscriber,
        "SUBJECT": order.rule.subject,
        "QUEUE": order.rule.group,
        "ANI": order.number,
        "DNIS": order.rule.dnis,
        "CALL_ID": call.id,
    }
    names = ("customer_code", "note", "page_title", "page_url")
    return {
        "id": call.id,
        "incomplete": True,
        "ani": order.number,
        "dnis": order.rule.dnis,
        "subscriber": {"code": order.subscriber, "name": order.company},
        "customer": None,
        "identified_by": [],
        "verified": False,
        "queue": {"code": group.code, "name": group.name} if group.code else None,
        "cti": cti.clean(data),
        "offers": [],
        "outage": None,
        "codes": {"sales": [], "service": []},
        "required": [],
        "dispositions": {},
        "note": "",
        "web": {
            "request_id": order.request,
            "source": order.source,
            "subject": order.rule.name,
            "subject_code": order.rule.subject,
            **{name: getattr(order, name) for name in names},
            "pages": [dict(page) for page in order.pages],
            "pushes": [],
        },
    }
