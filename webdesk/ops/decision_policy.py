"""How it is decided what a contact is offered, and where its call goes."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response
from wtforms import BooleanField, RadioField
from wtforms.validators import InputRequired

from db.queries import sql
from webdesk.ops import asking, edits
from webdesk.ops.forms import EditForm, Line, options, readable, save, saved, whole_number
from webdesk.ops.menu import EDITORS
from webdesk.ops.words import percent_text, read_percent
from webdesk.services import services
from webdesk.sessions import me, role_required

Json = dict[str, Any]

bp = Blueprint("decision_policy", __name__, url_prefix="/decision-policy")

POLICY = edits.Kind(
    "decision_policy",
    sql.lock_decision_policy,
    sql.update_decision_policy,
    begin=sql.begin_decision_policy,
    offers=True,
)
EXPLORATIONS = {
    "none": "Never",
    "epsilon": "A share of the contacts",
    "thompson": "By what is not known yet",
}


class PolicyForm(EditForm):
    """Every field of the policy."""

    exploration = RadioField("Try others than the best", choices=options(EXPLORATIONS))
    explore_share = Line(
        "Share of the contacts", [InputRequired("Give a share."), readable(read_percent)]
    )
    max_wait_seconds = whole_number("Longest wait", 0, 3600)
    move_callers = BooleanField("A caller may be led to the group that presents the offer")
    ivr_presentation = BooleanField("The IVR presents what no agent can present now")


@bp.route("", methods=["GET", "POST"])
@role_required(*EDITORS)
def index() -> str | Response | tuple[str, int]:
    """One form for each subscriber."""
    subscribers = asking.subscribers()
    subscriber = asking.chosen(subscribers)
    stored = edits.find(services(), POLICY, subscriber["id"])
    form = PolicyForm(data=row_as_data(stored))
    row = save(
        form,
        lambda: edits.change(
            services(), me().id, POLICY, subscriber["id"], form.seen, form_as_row(form)
        ),
        as_form=lambda row: PolicyForm(formdata=None, data=row_as_data(row)),
    )
    if row:
        saved(f"Saved: the next contact of {subscriber['name']} is decided by it.")
        return redirect(url_for("ops.decision_policy.index", subscriber=subscriber["code"]))
    page = render_template(
        "ops/decision_policy.html", form=form, subscribers=subscribers, subscriber=subscriber
    )
    return page, form.status


def row_as_data(row: Json) -> Json:
    """A stored policy in the form's words."""
    return {**row, "explore_share": percent_text(row["explore_share"])}


def form_as_row(form: PolicyForm) -> Json:
    """The columns, from a form that was found valid."""
    values = form.content()
    return {**values, "explore_share": read_percent(values["explore_share"])}
