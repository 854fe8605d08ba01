"""Who changed what, and when."""

from __future__ import annotations

from typing import Any

import orjson
from flask import Blueprint, render_template, request

from db.queries import sql
from webdesk.ops import asking
from webdesk.ops.menu import EDITORS
from webdesk.sessions import role_required

Json = dict[str, Any]

bp = Blueprint("audit", __name__, url_prefix="/audit")

SHOWN = 50
#: Before all others: the highest id there can be.
NEWEST = 2**63 - 1
#: Longest value that is shown of a field, characters.
LONGEST = 300

#: What can be filtered by; any other kind can be typed.
KINDS = (
    "agent_group",
    "call",
    "call_request",
    "decision_policy",
    "dialling_policy",
    "do_not_call",
    "location",
    "offer",
    "offer_rule",
    "page",
    "routing_rule",
    "secret",
    "web_presence",
    "webhook_delivery",
)
#: Fields by which people call a thing.
NAMES = ("name", "title", "label", "number", "digits")
#: Where an entity can be looked at.
PLACES = {
    "routing_rule": "/ops/routing/",
    "page": "/ops/pages/",
    "offer": "/ops/offers/",
    "agent_group": "/ops/groups/",
    "location": "/board/",
    "call_request": "/ops/requests/",
}


@bp.get("")
@role_required(*EDITORS)
def index() -> str:
    """The newest entries; of one entity, of one kind, of one person."""
    entity = request.args.get("entity", "").strip()[:120]
    actor = _number(request.args.get("actor", ""))
    before = _number(request.args.get("before", "")) or NEWEST
    found = asking.rows(sql.ops_audit, entity=entity, actor=actor, before=before, limit=SHOWN + 1)
    return render_template(
        "ops/audit.html",
        entries=[present(entry) for entry in found[:SHOWN]],
        more=found[SHOWN - 1]["id"] if len(found) > SHOWN else None,
        entity=entity,
        actor=actor,
        actors=asking.rows(sql.audit_actors),
        kinds=KINDS,
    )


def present(entry: Json) -> Json:
    """An entry as people read it: changed fields with both values, others with one."""
    kind, _, key = entry["entity"].partition(":")
    data = entry["data"] or {}
    changed = entry["action"].endswith(".changed")
    return {
        **entry,
        "what": entry["action"].replace("_", " ").replace(".", ": "),
        "called": next((said(data[name]) for name in NAMES if name in data and not changed), ""),
        "place": PLACES[kind] + key if kind in PLACES else "",
        "changed": changed,
        "fields": [_field(name, value, changed) for name, value in data.items()],
    }


def _field(name: str, value: Any, changed: bool) -> Json:
    field = {"name": name.replace("_", " ")}
    if changed and isinstance(value, list) and len(value) == 2:
        return {**field, "before": said(value[0]), "after": said(value[1])}
    return {**field, "after": said(value)}


def said(value: object) -> str:
    """A value in words.

    >>> said(True), said(None), said({"A": "1"})
    ('yes', 'nothing', '{"A":"1"}')
    """
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value in (None, "", [], {}):
        return "nothing"
    text = value if isinstance(value, str) else orjson.dumps(value).decode()
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
