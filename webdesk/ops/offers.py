"""Offers: what is made to customers, where, by whom, how often, and what it is worth."""

from __future__ import annotations

from typing import Any, TypeVar

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from db.offer_sync import sync_after_edit
from db.queries import sql
from webdesk.ops import asking, edits
from webdesk.ops.forms import no_such, options, save, saved
from webdesk.ops.menu import EDITORS
from webdesk.ops.offer_form import (
    IVR_WORDS,
    KINDS,
    SCRIPT_WORDS,
    NewOfferForm,
    OfferForm,
    form_as_row,
    row_as_data,
)
from webdesk.ops.words import money_text, percent_text
from webdesk.services import services
from webdesk.sessions import me, role_required

Json = dict[str, Any]
F = TypeVar("F", bound=OfferForm)

bp = Blueprint("offers", __name__, url_prefix="/offers")

OFFER = edits.Kind("offer", sql.lock_offer, sql.update_offer, insert=sql.insert_offer, offers=True)
WITHDRAWAL = edits.Kind("offer", sql.lock_offer, sql.withdraw_offer, offers=True)
UNIQUE = {
    "offer_subscriber_id_code_key": (
        "code",
        "This subscriber has an offer with this code already. Edit that one, or choose another.",
    )
}

AT_ONCE = "It holds for the next contact; lists of customers change with the next build."


@bp.get("")
@role_required(*EDITORS)
def index() -> str:
    """All offers of a subscriber."""
    subscribers = asking.subscribers()
    subscriber = asking.chosen(subscribers)
    return render_template(
        "ops/offers.html",
        subscribers=subscribers,
        subscriber=subscriber,
        offers=asking.offer_rows(sql.ops_offers, subscriber=subscriber["id"]),
        kinds=KINDS,
        money=money_text,
        percent=percent_text,
    )


@bp.route("/new", methods=["GET", "POST"])
@role_required(*EDITORS)
def new() -> str | Response | tuple[str, int]:
    """Make an offer."""
    subscriber = asking.chosen(asking.subscribers())
    form = _prepared(NewOfferForm(), subscriber)
    row = save(
        form,
        lambda: edits.add(
            services(), me().id, OFFER, {**form_as_row(form), "subscriber_id": subscriber["id"]}
        ),
        unique=UNIQUE,
    )
    return done(row, f"{row['code']}, {row['title']}") if row else _page(form, subscriber)


@bp.route("/<int(max=2147483647):offer_id>", methods=["GET", "POST"])
@role_required(*EDITORS)
def edit(offer_id: int) -> str | Response | tuple[str, int]:
    """Change an offer."""
    stored, subscriber = find(offer_id)
    form = _prepared(OfferForm(data=row_as_data(stored)), subscriber, stored)
    row = save(
        form,
        lambda: edits.change(services(), me().id, OFFER, offer_id, form.seen, form_as_row(form)),
        as_form=lambda row: _prepared(
            OfferForm(formdata=None, data=row_as_data(row)), subscriber, row
        ),
    )
    return done(row, f"{row['code']}, {row['title']}") if row else _page(form, subscriber, stored)


@bp.post("/<int(max=2147483647):offer_id>/withdraw")
@role_required(*EDITORS)
def withdraw(offer_id: int) -> Response:
    """Take an offer back: nobody is offered it any more, what was said about it stays."""
    version = request.form.get("version", type=int) or 0
    try:
        row = edits.change(services(), me().id, WITHDRAWAL, offer_id, version, {})
    except edits.Gone:
        raise no_such("offer") from None
    except edits.EditedMeanwhile as news:
        flash(f"Not withdrawn: {news.editor} changed the offer meanwhile. Look at it first.", "bad")
        return redirect(url_for("ops.offers.edit", offer_id=offer_id))
    return done(row, f"{row['code']} is withdrawn")


def find(offer_id: int) -> tuple[Json, Json]:
    """An offer and its subscriber.

    Raises:
        Problem: 404, there is none.
    """
    try:
        stored = edits.find(services(), OFFER, offer_id)
    except edits.Gone:
        raise no_such("offer") from None
    return stored, asking.by_id(asking.subscribers(), stored["subscriber_id"])


def done(row: Json, what: str, target: str = "") -> Response:
    """Bring the databases together, say what is stored, and go back to a list."""
    subscriber = asking.by_id(asking.subscribers(), row["subscriber_id"])
    waits = sync_after_edit(services().settings)
    if waits:
        flash(waits, "warn")
    saved(f"Saved: {what}. {AT_ONCE}")
    return redirect(target or url_for("ops.offers.index", subscriber=subscriber["code"]))


def _prepared(form: F, subscriber: Json, stored: Json | None = None) -> F:
    """The form with the groups and the other offers of its subscriber to choose from."""
    groups = asking.rows(sql.ops_groups_of, subscriber=subscriber["id"])
    form.group_id.choices = options(
        {
            "": "The group that the number leads to",
            **{str(group["id"]): group["name"] for group in groups},
        }
    )
    others = asking.offer_rows(sql.ops_offers, subscriber=subscriber["id"])
    form.excludes.choices = options(
        {
            one["code"]: f"{one['code']} · {one['title']}"
            for one in others
            if stored is None or one["id"] != stored["id"]
        }
    )
    return form


def _page(form: OfferForm, subscriber: Json, stored: Json | None = None) -> tuple[str, int]:
    page = render_template(
        "ops/offer_edit.html",
        form=form,
        subscriber=subscriber,
        stored=stored,
        kinds=KINDS,
        script_words=SCRIPT_WORDS,
        ivr_words=IVR_WORDS,
    )
    return page, form.status
