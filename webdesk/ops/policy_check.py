"""The policy simulator: would this number be dialled for this subscriber at this time, and why not?

It asks what every call is asked, and shows each rule with what it saw. The number is sent in the
form's body, not in the address: addresses are logged.
"""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, render_template, request
from flask_wtf import FlaskForm
from wtforms import SelectField, StringField
from wtforms.validators import InputRequired, Length

from cordboard.policy import Verdict
from cordboard.policy_words import QUESTIONS, saw
from cordboard.wall_clock import in_words, read_moment
from db.policy import check, zone_of
from db.queries import sql
from webdesk import store
from webdesk.ops.menu import READERS
from webdesk.present import number_text
from webdesk.services import POOL_WAIT_S, services
from webdesk.sessions import role_required

bp = Blueprint("policy_check", __name__, url_prefix="/ops/policy/check")

Json = dict[str, Any]


class CheckForm(FlaskForm):  # type: ignore[misc]
    """What is asked."""

    subscriber = SelectField("Subscriber")
    number = StringField(
        "Telephone number",
        [InputRequired("Type a number."), Length(max=40, message="That is too long.")],
    )
    at = StringField("When", [Length(max=32, message="That is too long.")])


@bp.route("", methods=["GET", "POST"])
@role_required(*READERS)
def page() -> str | tuple[str, int]:
    """The form, and the verdict once it was sent."""
    known = store.rows(services().pool, sql.subscribers)
    form = CheckForm()
    form.subscriber.choices = [(one["code"], one["name"]) for one in known]
    if request.method == "GET":
        form.subscriber.data = request.args.get("subscriber") or form.subscriber.data
    zones = {one["code"]: one["timezone"] for one in known}
    verdict = _verdict(form) if form.validate_on_submit() else None
    shown = render_template(
        "ops/policy_check.html",
        form=form,
        zone=zones.get(form.subscriber.data or "", ""),
        verdict=verdict and _present(verdict, ZoneInfo(zones[verdict.subscriber])),
    )
    return (shown, 422) if form.errors else shown


def _verdict(form: CheckForm) -> Verdict | None:
    """The answer; None when the time is none, which the form then says."""
    svc = services()
    code, text = form.subscriber.data, (form.at.data or "").strip()
    with svc.pool.connection(timeout=POOL_WAIT_S) as conn:
        try:
            at = read_moment(text, zone_of(conn, code)) if text else None
        except ValueError as error:
            form.at.errors = [str(error)]
            return None
        return check(conn, svc.settings, code, form.number.data or "", at=at)


def _present(verdict: Verdict, zone: ZoneInfo) -> Json:
    later = verdict.next_allowed if verdict.next_allowed != verdict.at else None
    return {
        "allowed": verdict.allowed,
        "readable": verdict.e164 is not None,
        "number": number_text(verdict.e164) if verdict.e164 else verdict.number,
        "at": in_words(verdict.at, zone),
        "reasons": [finding.sentence for finding in verdict.reasons],
        "next_allowed": in_words(later, zone) if later else "",
        "only_hours": verdict.only_hours,
        "findings": [
            {
                "code": finding.code,
                "passed": finding.passed,
                "question": QUESTIONS[finding.code],
                "saw": saw(finding),
            }
            for finding in verdict.findings
        ],
    }
