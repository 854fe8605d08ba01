"""Pages that agents push to a visitor's browser: digits -> address."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response
from wtforms import BooleanField, Field, Form, RadioField, URLField, ValidationError
from wtforms.validators import InputRequired, Length, Regexp

from cordboard.events import RoutingChanged
from cordboard.web_rules import Unusable, check_url
from db.queries import sql
from webdesk.ops import asking, edits
from webdesk.ops.forms import EditForm, Line, no_such, one_line, options, save, saved
from webdesk.ops.menu import EDITORS
from webdesk.services import services
from webdesk.sessions import me, role_required

Json = dict[str, Any]

bp = Blueprint("pages", __name__, url_prefix="/pages")

PAGE = edits.Kind("page", sql.lock_page, sql.update_page, insert=sql.insert_page)
UNIQUE = {
    "page_subscriber_id_digits_key": (
        "digits",
        "These digits already show another page of this subscriber. Choose others.",
    )
}


def web_address(_: Form, field: Field) -> None:
    """Refuse what no visitor may be sent to."""
    try:
        field.data = check_url(field.data or "")
    except Unusable as refusal:
        raise ValidationError(str(refusal)) from None


class PageForm(EditForm):
    """One page."""

    digits = Line(
        "Digits",
        [
            InputRequired("Give the digits that agents key."),
            Regexp(r"^[1-9][0-9]{0,5}\Z", message="One to six digits, the first not 0."),
        ],
    )
    title = Line("Title", [InputRequired("Give the page a title."), Length(max=120), one_line])
    url = URLField(
        "Address",
        [InputRequired("Give the page's address."), web_address],
        filters=[lambda text: (text or "").strip()],
    )
    framing = RadioField(
        "Shown",
        choices=options({"frame": "Inside our page", "window": "In a window"}),
        default="frame",
    )
    promotion = BooleanField("Show it while the call is being set up")
    active = BooleanField("Agents can push it", default=True)


@bp.get("")
@role_required(*EDITORS)
def index() -> str:
    """All pages of a subscriber, found by digits, title or address."""
    subscribers = asking.subscribers()
    subscriber = asking.chosen(subscribers)
    search = request.args.get("q", "").strip()[:120]
    return render_template(
        "ops/pages.html",
        subscribers=subscribers,
        subscriber=subscriber,
        search=search,
        pages=asking.rows(sql.ops_pages, subscriber=subscriber["id"], search=search),
    )


@bp.route("/new", methods=["GET", "POST"])
@role_required(*EDITORS)
def new() -> str | Response | tuple[str, int]:
    """Add a page."""
    subscriber = asking.chosen(asking.subscribers())
    form = PageForm()
    row = save(
        form,
        lambda: edits.add(
            services(), me().id, PAGE, {**form.content(), "subscriber_id": subscriber["id"]}
        ),
        unique=UNIQUE,
        as_form=as_form,
    )
    if row:
        return _done(subscriber, row)
    return render_template("ops/page_edit.html", form=form, subscriber=subscriber), form.status


@bp.route("/<int(max=2147483647):page_id>", methods=["GET", "POST"])
@role_required(*EDITORS)
def edit(page_id: int) -> str | Response | tuple[str, int]:
    """Change a page."""
    try:
        stored = edits.find(services(), PAGE, page_id)
    except edits.Gone:
        raise no_such("page") from None
    subscriber = asking.by_id(asking.subscribers(), stored["subscriber_id"])
    form = PageForm(data=stored)
    row = save(
        form,
        lambda: edits.change(services(), me().id, PAGE, page_id, form.seen, form.content()),
        unique=UNIQUE,
        as_form=as_form,
    )
    if row:
        return _done(subscriber, row)
    page = render_template("ops/page_edit.html", form=form, subscriber=subscriber, stored=stored)
    return page, form.status


def as_form(row: Json) -> PageForm:
    """A stored page as a form."""
    return PageForm(formdata=None, data=row)


def _done(subscriber: Json, row: Json) -> Response:
    edits.tell(services(), RoutingChanged(subscriber["code"]))
    saved(f"Saved: *{row['digits']}# shows “{row['title']}”. It holds at once.")
    return redirect(url_for("ops.pages.index", subscriber=subscriber["code"]))
