"""A subscriber's secrets: made here, shown once, two live at most, revoked at once.

A form makes one secret however often it is sent: by a second click, or by a page that is loaded
again. What it made is not stored but made again from the form's id.
"""

from __future__ import annotations

from secrets import token_urlsafe
from typing import Any

import psycopg
from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response
from wtforms import StringField
from wtforms.validators import InputRequired, Length, Regexp
from wtforms.widgets import HiddenInput

from cordboard.secrets import secret_of_form
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

    form_id = StringField(
        widget=HiddenInput(),
        validators=[Regexp(r"^[A-Za-z0-9_-]{43}\Z", message="Load the page again, then send it.")],
        default=lambda: token_urlsafe(32),
    )
    label = Line(
        "What it is for",
        [InputRequired("Say what it is for, as in shop server."), Length(max=120), one_line],
    )


@bp.route("", methods=["GET", "POST"])
@role_required(*EDITORS)
def index() -> tuple[str, int]:
    """The secrets of a subscriber; a new one is shown on this answer and nowhere else."""
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
    svc, label = services(), form.label.data
    key = svc.settings.secret_key.get_secret_value()
    secret = secret_of_form(form.form_id.data, f"{subscriber}\n{label}", key)
    try:
        with svc.pool.connection(timeout=POOL_WAIT_S) as conn:
            stored.new_secret(conn, svc.settings, subscriber, label, me().id, secret)
    except DatabaseRefusal as refusal:
        refuse(form, "", f"{refusal}.".capitalize())
        return ""
    except psycopg.errors.UniqueViolation:
        with svc.pool.connection(timeout=POOL_WAIT_S) as conn:
            if not stored.made_just_now(conn, subscriber, secret):
                refuse(form, "", "This form was sent before, and its secret was shown then.")
                secret = ""
    # What is sent from here on is another form.
    form.form_id.data = token_urlsafe(32)
    return secret
