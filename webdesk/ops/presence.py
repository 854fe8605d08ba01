"""What visitors of a subscriber see: colour, texts, on whose sites, at which times."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response
from wtforms import Field, Form, SelectField, TextAreaField, ValidationError
from wtforms.validators import InputRequired, Length, Regexp

from cordboard import colour, web_rules
from cordboard.events import RoutingChanged
from db.queries import sql
from webdesk.ops import asking, edits
from webdesk.ops.forms import EditForm, Line, options, save, saved
from webdesk.ops.menu import EDITORS
from webdesk.ops.words import words
from webdesk.services import services
from webdesk.sessions import me, role_required

Json = dict[str, Any]

bp = Blueprint("presence", __name__, url_prefix="/presence")

PRESENCE = edits.Kind(
    "web_presence",
    sql.lock_web_presence,
    sql.update_web_presence,
    begin=sql.begin_web_presence,
)
#: Most origins, and most hosts.
MOST = 50


def text(label: str, longest: int) -> TextAreaField:
    """A text that visitors read, in which {company} stands for the subscriber's name."""
    return TextAreaField(
        label,
        [InputRequired("Visitors need a text here."), Length(max=longest), _placeholders],
        filters=[lambda typed: " ".join((typed or "").split())],
    )


def _placeholders(_: Form, field: Field) -> None:
    try:
        web_rules.check_template(field.data, web_rules.VISITOR_WORDS)
    except web_rules.Unusable as refusal:
        raise ValidationError(str(refusal)) from None


def each(check: Callable[[str], str]) -> Callable[[Form, Field], None]:
    """A validator that checks each word of a field, and writes it as it is stored."""

    def validate(_: Form, field: Field) -> None:
        try:
            kept = [check(word) for word in words(field.data or "")]
        except web_rules.Unusable as refusal:
            raise ValidationError(str(refusal)) from None
        if len(kept) > MOST:
            raise ValidationError(f"{MOST} at most.")
        field.data = "\n".join(dict.fromkeys(kept))

    return validate


class PresenceForm(EditForm):
    """What visitors see."""

    accent = Line(
        "Colour",
        [
            InputRequired("Choose a colour."),
            Regexp(r"^#[0-9a-f]{6}\Z", message="A colour is # and six of 0-9 a-f, as in #1f6feb."),
        ],
        filters=[lambda typed: (typed or "").lower()],
    )
    welcome_text = text("Welcome", 300)
    consent_text = text("Consent", 600)
    hold_text = text("While holding", 300)
    farewell_text = text("Farewell", 300)
    origins = TextAreaField("Sites that may show our pages", [each(web_rules.check_origin)])
    link_hosts = TextAreaField(
        "Hosts of links that agents may push", [each(web_rules.check_link_host)]
    )
    schedule_id = SelectField("Hours", validate_choice=True)


@bp.route("", methods=["GET", "POST"])
@role_required(*EDITORS)
def index() -> str | Response | tuple[str, int]:
    """One form for each subscriber."""
    subscribers = asking.subscribers()
    subscriber = asking.chosen(subscribers)
    form = _form(subscriber, edits.find(services(), PRESENCE, subscriber["id"]))
    row = save(
        form,
        lambda: edits.change(
            services(), me().id, PRESENCE, subscriber["id"], form.seen, _values(form)
        ),
        as_form=lambda row: _form(subscriber, row, stored=True),
    )
    if row:
        edits.tell(services(), RoutingChanged(subscriber["code"]))
        saved(f"Saved: visitors of {subscriber['name']} see it at once.")
        return redirect(url_for("ops.presence.index", subscriber=subscriber["code"]))
    page = render_template(
        "ops/presence.html",
        form=form,
        subscribers=subscribers,
        subscriber=subscriber,
        shades=shades(form.accent.data or ""),
    )
    return page, form.status


@bp.get("/shades")
@role_required(*EDITORS)
def samples() -> str:
    """How a colour would look, while it is being chosen."""
    return render_template("ops/shades.html", shades=shades(request.args.get("accent", "")))


def shades(accent: str) -> Json | None:
    """How an accent reads by day and by night, and the shade that is used; None for no colour."""
    if len(accent) != 7 or not accent.startswith("#"):
        return None
    try:
        return {
            name: {
                "ratio": round(colour.contrast(accent, background), 2),
                "used": colour.theme(accent, background),
                "readable": colour.contrast(accent, background) >= colour.TEXT,
            }
            for name, background in (("day", colour.DAY), ("night", colour.NIGHT))
        }
    except ValueError:
        return None


def _form(subscriber: Json, row: Json, *, stored: bool = False) -> PresenceForm:
    data = {
        **row,
        "origins": "\n".join(row["origins"]),
        "link_hosts": "\n".join(row["link_hosts"]),
        "schedule_id": str(row["schedule_id"] or ""),
    }
    form = PresenceForm(formdata=None, data=data) if stored else PresenceForm(data=data)
    schedules = asking.rows(sql.ops_schedules_of, subscriber=subscriber["id"])
    hours = {str(one["id"]): f"{one['name']} ({one['timezone']})" for one in schedules}
    form.schedule_id.choices = options({"": "At any time", **hours})
    return form


def _values(form: PresenceForm) -> Json:
    values = form.content()
    return {
        **values,
        "origins": words(values["origins"] or ""),
        "link_hosts": words(values["link_hosts"] or ""),
        "schedule_id": int(values["schedule_id"]) if values["schedule_id"] else None,
    }
