"""The dialling policy of a subscriber: who may be called, when, how often, for how much."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response
from wtforms import BooleanField, Field, SelectMultipleField, ValidationError
from wtforms.validators import InputRequired
from wtforms.widgets import CheckboxInput, ListWidget

from cordboard.events import RoutingChanged
from db.queries import sql
from webdesk.ops import asking, edits
from webdesk.ops.forms import EditForm, Line, options, readable, save, saved, whole_number
from webdesk.ops.menu import EDITORS
from webdesk.ops.words import (
    clock_text,
    money_text,
    read_clock,
    read_money,
    read_regions,
    read_spans,
    span_text,
)
from webdesk.services import services
from webdesk.sessions import me, role_required

Json = dict[str, Any]

bp = Blueprint("policy", __name__, url_prefix="/policy")

POLICY = edits.Kind(
    "dialling_policy",
    sql.lock_dialling_policy,
    sql.update_dialling_policy,
    begin=sql.begin_dialling_policy,
)
NUMBER_TYPES = {
    "fixed_line": "Landline",
    "mobile": "Mobile",
    "fixed_line_or_mobile": "Landline or mobile (cannot be told apart, as in the US)",
    "toll_free": "Toll-free",
    "voip": "Internet telephone",
    "shared_cost": "Shared cost",
    "personal_number": "Personal number",
    "uan": "Company number",
}


class PolicyForm(EditForm):
    """Every field of the policy, in words."""

    regions = Line("Regions", [readable(read_regions)])
    number_types = SelectMultipleField(
        "Kinds of numbers",
        choices=options(NUMBER_TYPES),
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
    calls_from = Line("Not before", [InputRequired("Give a time."), readable(read_clock)])
    calls_until = Line("Not after", [InputRequired("Give a time."), readable(read_clock)])
    per_number_day = whole_number("Calls to one number", 0, 32767)
    per_visitor_hour = whole_number("Requests of one browser", 0, 32767)
    per_subscriber_minute = whole_number("Requests of all together", 0, 1_000_000)
    concurrent_legs = whole_number("Calls at once", 0, 1_000_000)
    daily_spend = Line("Daily spend", [InputRequired("Give an amount."), readable(read_money)])
    proof_required = BooleanField("The called person keys the code that the page shows")
    max_attempts = whole_number("Attempts", 1, 10)
    retry_after = Line(
        "Time before the next attempt", [InputRequired("Give a time."), readable(read_spans)]
    )

    def validate_calls_until(self, field: Field) -> None:
        """The day ends after it begins."""
        try:
            begins, ends = read_clock(self.calls_from.data or ""), read_clock(field.data or "")
        except ValueError:
            return  # said already
        if begins >= ends:
            raise ValidationError("“Not after” must be later than “Not before”.")
        if begins > 1439:
            raise ValidationError("“Not before” must be before midnight.")


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
        edits.tell(services(), RoutingChanged(subscriber["code"]))
        saved(f"Saved: the next number for {subscriber['name']} is judged by it.")
        return redirect(url_for("ops.policy.index", subscriber=subscriber["code"]))
    page = render_template(
        "ops/policy.html", form=form, subscribers=subscribers, subscriber=subscriber
    )
    return page, form.status


def row_as_data(row: Json) -> Json:
    """A stored policy in the form's words."""
    return {
        **row,
        "regions": " ".join(row["regions"]),
        "calls_from": clock_text(row["calls_from_minute"]),
        "calls_until": clock_text(row["calls_until_minute"]),
        "daily_spend": money_text(row["daily_spend_cents"]),
        "retry_after": ", ".join(map(span_text, row["retry_after_seconds"])),
    }


def form_as_row(form: PolicyForm) -> Json:
    """The columns, from a form that was found valid."""
    values = form.content()
    return {
        **values,
        "regions": read_regions(values["regions"] or ""),
        "calls_from_minute": read_clock(values["calls_from"]),
        "calls_until_minute": read_clock(values["calls_until"]),
        "daily_spend_cents": read_money(values["daily_spend"]),
        "retry_after_seconds": read_spans(values["retry_after"]),
    }
