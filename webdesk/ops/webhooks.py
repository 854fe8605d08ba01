"""Events for subscribers' own servers: how they fare, dead letters, and trying again."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from db.errors import DatabaseRefusal
from db.queries import sql
from webdesk import store
from webdesk.ops import edits
from webdesk.ops.menu import EDITORS
from webdesk.problems import Problem
from webdesk.services import Services, services
from webdesk.sessions import me, role_required

bp = Blueprint("webhooks", __name__, url_prefix="/webhooks")

STATES = {"dead": "Dead letters", "waiting": "Waiting", "delivered": "Delivered"}
TONES = {"dead": "bad", "waiting": "live", "delivered": "good"}
SHOWN = 200


@bp.get("")
@role_required(*EDITORS)
def index() -> str:
    """Where events go, and the deliveries of one state: the dead ones unless asked otherwise."""
    svc = services()
    state = request.args.get("state", "dead")
    subscriber = request.args.get("subscriber", "")
    if state not in STATES:
        raise Problem(404, "no-such-state", "There is no such list. Choose one.")
    endpoints = store.rows(svc.pool, sql.webhook_endpoints)
    if subscriber and subscriber not in {one["subscriber"] for one in endpoints}:
        raise Problem(404, "no-such-subscriber", "There is no such subscriber. Choose one.")
    return render_template(
        "ops/webhooks.html",
        endpoints=endpoints,
        deliveries=_deliveries(svc, state, subscriber),
        state=state,
        states=STATES,
        tone=TONES[state],
        subscriber=subscriber,
        shown=SHOWN,
    )


def _deliveries(svc: Services, state: str, subscriber: str) -> list[store.Json]:
    values = {"state": state, "subscriber": subscriber or None, "limit": SHOWN}
    return store.rows(svc.pool, sql.webhook_deliveries, **values)


@bp.post("/replay")
@role_required(*EDITORS)
def replay() -> Response:
    """Try a dead letter again, or all that the page shows of one subscriber."""
    svc, subscriber = services(), request.form.get("subscriber", "")
    wanted = request.form.getlist("delivery")
    try:
        ids = [UUID(one) for one in wanted[:SHOWN]]
    except ValueError:
        raise Problem(404, "no-such-delivery", "There is no such delivery.") from None
    replayed = sum(_replay(svc, one) for one in ids)
    if replayed == len(ids):
        flash(f"{replayed} on {'its' if replayed == 1 else 'their'} way again.", "good")
    else:
        flash(
            f"{replayed} of {len(ids)} on their way again; the others were no dead letters"
            " any more.",
            "warn",
        )
    return redirect(url_for("ops.webhooks.index", subscriber=subscriber or None))


def _replay(svc: Services, delivery: UUID) -> bool:
    """Whether it was dead, and is not any more; each is a transaction, and audited."""
    try:
        with edits.transaction(svc) as conn:
            conn.execute(sql.replay_webhook, {"delivery": delivery, "actor": me().id})
    except DatabaseRefusal:
        return False
    return True
