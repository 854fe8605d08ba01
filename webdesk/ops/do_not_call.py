"""Numbers that are never dialled, for one subscriber or for all."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response
from wtforms import Field, SelectField, ValidationError
from wtforms.validators import InputRequired, Length

from cordboard import audit
from cordboard.identity import normalise_number
from db.queries import sql
from webdesk.ops import asking, edits
from webdesk.ops.forms import EditForm, Line, no_such, one_line, options, save, saved
from webdesk.ops.menu import EDITORS
from webdesk.present import number_text
from webdesk.services import services
from webdesk.sessions import me, role_required

Json = dict[str, Any]

bp = Blueprint("do_not_call", __name__, url_prefix="/do-not-call")

ENTRY = edits.Kind("do_not_call", b"", b"", insert=sql.insert_do_not_call)
UNIQUE = {"do_not_call_subscriber_id_number_key": ("number", "This number is on the list already.")}
#: So many of the newest are shown; a search finds the others.
SHOWN = 100


class EntryForm(EditForm):
    """A number to add."""

    number = Line("Number", [InputRequired("Give the number that must not be called.")])
    scope = SelectField("Holds for")
    reason = Line(
        "Reason",
        [InputRequired("Say why, for whoever asks later."), Length(max=120), one_line],
        default="asked not to be called",
    )

    def validate_number(self, field: Field) -> None:
        """A number with its country, as it would be dialled."""
        region = services().settings.default_region
        number = normalise_number(field.data or "", region)
        if number is None:
            raise ValidationError("This is no telephone number. Write it as +12025550100.")
        field.data = number


@bp.route("", methods=["GET", "POST"])
@role_required(*EDITORS)
def index() -> str | Response | tuple[str, int]:
    """The list, a search, and a form to add one."""
    subscribers = asking.subscribers()
    subscriber = asking.chosen(subscribers) if request.args.get("subscriber") else None
    form = EntryForm(data={"scope": subscriber["code"] if subscriber else ""})
    form.scope.choices = options({"": "Everybody"} | {s["code"]: s["name"] for s in subscribers})
    row = save(form, lambda: _add(form, subscribers), unique=UNIQUE)
    if row:
        saved(f"{number_text(row['number'])} is not called from now on.")
        return redirect(url_for("ops.do_not_call.index", **_filter()))
    search = "".join(c for c in request.args.get("q", "")[:40] if c.isdigit() or c == "+")
    page = render_template(
        "ops/do_not_call.html",
        form=form,
        subscribers=subscribers,
        subscriber=subscriber,
        search=request.args.get("q", "")[:40],
        shown=SHOWN,
        entries=[
            {**entry, "text": number_text(entry["number"])}
            for entry in asking.rows(
                sql.ops_do_not_call,
                subscriber=subscriber and subscriber["id"],
                search=search,
                limit=SHOWN,
            )
        ],
    )
    return page, form.status


@bp.post("/<int(max=2147483647):entry_id>/remove")
@role_required(*EDITORS)
def remove(entry_id: int) -> Response:
    """Take a number off the list."""
    with edits.transaction(services()) as conn:
        row = conn.execute(sql.delete_do_not_call, {"id": entry_id}).fetchone()
        if row is None:
            raise no_such("number on the list")
        entity = f"do_not_call:{entry_id}"
        edits.note(conn, me().id, "do_not_call.removed", entity, audit.content(row))
    saved(f"{number_text(row['number'])} may be called again, if the policy allows it.")
    return redirect(url_for("ops.do_not_call.index", **_filter()))


def _add(form: EntryForm, subscribers: list[Json]) -> Json:
    owners = {one["code"]: one["id"] for one in subscribers}
    values = {
        "number": form.number.data,
        "reason": form.reason.data,
        "subscriber_id": owners.get(form.scope.data),
        "created_by": me().id,
    }
    return edits.add(services(), me().id, ENTRY, values)


def _filter() -> Json:
    """The filter of the page, for the way back."""
    return {name: value for name in ("subscriber", "q") if (value := request.args.get(name, ""))}
