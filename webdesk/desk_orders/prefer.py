"""What a client prefers, as an agent hears it: no automation, or automation again."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, request

from db.queries import sql
from webdesk import store
from webdesk.desk_orders.panel import at_desk
from webdesk.problems import Problem
from webdesk.services import services
from webdesk.sessions import role_required

bp = Blueprint("desk_preference", __name__, url_prefix="/desk/calls/<call_id>")


@bp.post("/preference")
@role_required("agent")
def prefer(call_id: str) -> Response:
    """``no_automation`` 1: this client's calls go straight to a person from now on."""
    wanted = request.form.get("no_automation", "")
    if wanted not in ("0", "1"):
        raise Problem(422, "bad-flag", "no_automation is 1 for yes or 0 for no.")
    desk = at_desk(call_id)
    if desk is None:
        raise Problem(409, "no-client", "Nobody is known in this call. Look the caller up first.")
    asked = {"customer": desk.customer, "no_automation": wanted == "1", "origin": "agent"}
    row = store.one_row(services().pool, sql.set_preference, **asked)
    assert row is not None  # it answers or raises
    return jsonify(preference=row["preference"])
