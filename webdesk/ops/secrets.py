"""A subscriber's secrets: made here, shown once, two live at most, revoked at once."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response
from wtforms.validators import InputRequired, Length

from db import secrets as stored
from db.errors import DatabaseRefusal
from webdesk.ops import asking
from webdesk.ops.forms import EditForm, Line, no_such, one_line, refuse, saved
from webdesk.ops.menu import EDITORS
from webdesk.services import POOL_WAIT_S, services
from webdesk.sessions import me, role_required

Json = dict[str, Any]

bp = Blueprint("secrets", __name__, url_prefix="/secrets")

#: So many can be live at once, so that a new one can be put in place before the old one ends.
MOST_LIVE = 2


class SecretForm(EditForm):
    """What the new secret is for."""

    label = Line(
        "What it is for",
        [InputRequired("Say what it is for, as in shop server."), Length(max=120), one_line],
    )


@bp.route("", methods=["GET", "POST"])
@role_required(*EDITORS)
def index() -> tuple[str, int]:
    """The secrets of a subscriber; a new one is shown on this answer and never again."""
    subscribers = asking.subscribers()
    subscriber = asking.chosen(subscribers)
    form = SecretForm()
    secret = _make(form, subscriber["code"]) if form.validate_on_submit() else ""
    with services().pool.connection(timeout=POOL_WAIT_S) as conn:
        found = stored.list_secrets(conn, subscriber["code"])
    page = render_template(
        "ops/secrets.html",
        form=form,
        subscribers=subscribers,
        subscriber=subscriber,
        secret=secret,
        secrets=found,
        full=sum(one["revoked_at"] is None for one in found) >= MOST_LIVE,
    )
    return page, form.status


@bp.post("/<int(max=2147483647):secret_id>/revoke")
@role_required(*EDITORS)
def revoke(secret_id: int) -> Response:
    """End a secret."""
    subscriber = asking.chosen(asking.subscribers())
    try:
        with services().pool.connection(timeout=POOL_WAIT_S) as conn:
            stored.revoke_secret(conn, subscriber["code"], secret_id, me().id)
    except stored.UnknownSecret:
        raise no_such("live secret") from None
    saved("Revoked: what it signs is refused from now on.")
    return redirect(url_for("ops.secrets.index", subscriber=subscriber["code"]))


def _make(form: SecretForm, subscriber: str) -> str:
    svc = services()
    try:
        with svc.pool.connection(timeout=POOL_WAIT_S) as conn:
            return stored.new_secret(conn, svc.settings, subscriber, form.label.data, me().id)
    except DatabaseRefusal as refusal:
        refuse(form, "", f"{refusal}.".capitalize())
        return ""
