"""To whom an offer is made: its rules, and how many customers they let in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import structlog
from flask import Blueprint, render_template, request, url_for
from psycopg import errors as pg
from psycopg.types.json import Jsonb
from werkzeug.wrappers import Response

from cordboard import rules
from cordboard.attributes import ATTRIBUTES
from cordboard.rules import Rule, RuleError
from db.queries import sql
from db.rules import Match, count_matching
from webdesk.ops import asking, edits, offers
from webdesk.ops.forms import no_such, save
from webdesk.ops.menu import EDITORS
from webdesk.ops.rule_form import OPERATORS, RuleForm, row_as_data
from webdesk.services import services
from webdesk.sessions import me, role_required

log = structlog.get_logger(__name__)

Json = dict[str, Any]

bp = Blueprint("offer_rules", __name__, url_prefix="/offers/<int(max=2147483647):offer_id>/rules")

RULE = edits.Kind(
    "offer_rule",
    sql.lock_offer_rule,
    sql.update_offer_rule,
    insert=sql.insert_offer_rule,
    offers=True,
)
UNIQUE = {
    "offer_rule_offer_id_name_key": (
        "name",
        "This offer has a rule of this name already. Edit that one, or choose another name.",
    )
}


@bp.get("")
@role_required(*EDITORS)
def index(offer_id: int) -> str:
    """All rules of an offer, each with how many it lets in."""
    offer, subscriber = offers.find(offer_id)
    listed = [_read(row) for row in asking.offer_rows(sql.ops_offer_rules, offer=offer_id)]
    counted = [row for row in listed if row["active"] and row["rule"]]
    active = [row["rule"] for row in counted]
    match = matching(subscriber, active)
    for row, count in zip(counted, match.each if match else (), strict=False):
        row["matching"] = count
    return render_template(
        "ops/offer_rules.html",
        offer=offer,
        subscriber=subscriber,
        rules=listed,
        match=match,
        conflict=rules.contradiction(rules.both(active)),
    )


@bp.route("/new", methods=["GET", "POST"])
@role_required(*EDITORS)
def new(offer_id: int) -> str | Response | tuple[str, int]:
    """Add a rule."""
    offer, subscriber = offers.find(offer_id)
    form = RuleForm()
    if "preview" in request.form:
        form.validate_on_submit()
        return _page(form, offer, subscriber)
    row = save(
        form,
        lambda: edits.add(services(), me().id, RULE, {**_values(form), "offer_id": offer_id}),
        unique=UNIQUE,
    )
    return _done(offer, row) if row else _page(form, offer, subscriber)


@bp.route("/<int(max=2147483647):rule_id>", methods=["GET", "POST"])
@role_required(*EDITORS)
def edit(offer_id: int, rule_id: int) -> str | Response | tuple[str, int]:
    """Change a rule, or switch it off."""
    offer, subscriber = offers.find(offer_id)
    stored = _find(offer_id, rule_id)
    form = RuleForm(data=row_as_data(stored))
    if "preview" in request.form:
        form.validate_on_submit()
        return _page(form, offer, subscriber, stored)
    row = save(
        form,
        lambda: edits.change(services(), me().id, RULE, rule_id, form.seen, _values(form)),
        unique=UNIQUE,
        as_form=lambda row: RuleForm(formdata=None, data=row_as_data(row)),
    )
    return _done(offer, row) if row else _page(form, offer, subscriber, stored)


def matching(subscriber: Json, of: Sequence[Rule]) -> Match | None:
    """Who matches all of these rules; None when counting takes longer than a page may."""
    try:
        with edits.transaction(services()) as conn:
            return count_matching(conn, subscriber["id"], of)
    except pg.QueryCanceled:
        log.warning("rules.not_counted", subscriber=subscriber["code"])
        return None


def _find(offer_id: int, rule_id: int) -> Json:
    """A rule of this offer, and of no other.

    Raises:
        Problem: 404, there is none.
    """
    try:
        stored = edits.find(services(), RULE, rule_id)
    except edits.Gone:
        raise no_such("rule") from None
    if stored["offer_id"] != offer_id:
        raise no_such("rule")
    return stored


def _read(row: Json) -> Json:
    """A stored rule with what it says, or why it cannot be read."""
    try:
        rule = rules.parse(row["condition"])
    except RuleError as refusal:
        return {**row, "rule": None, "words": "", "refusal": str(refusal), "matching": None}
    return {**row, "rule": rule, "words": rules.words(rule), "refusal": "", "matching": None}


def _values(form: RuleForm) -> Json:
    assert form.rule is not None  # it was found valid
    return {
        "name": form.name.data,
        "active": form.active.data,
        "condition": Jsonb(rules.as_json(form.rule)),
    }


def _page(
    form: RuleForm, offer: Json, subscriber: Json, stored: Json | None = None
) -> tuple[str, int]:
    rule = form.rule
    if rule is None and stored and request.method == "GET":
        rule = _read(stored)["rule"]
    page = render_template(
        "ops/rule_edit.html",
        form=form,
        offer=offer,
        subscriber=subscriber,
        stored=stored,
        attributes=ATTRIBUTES,
        types={name: one.type for name, one in ATTRIBUTES.items()},
        units={name: one.unit for name, one in ATTRIBUTES.items() if one.type == "number"},
        operators=OPERATORS,
        blank=form.blank_rows(),
        rule=rule,
        words=rules.words(rule) if rule else "",
        amounts=rules.amounts(rule) if rule else [],
        match=matching(subscriber, [rule]) if rule else None,
    )
    return page, form.status


def _done(offer: Json, row: Json) -> Response:
    target = url_for("ops.offer_rules.index", offer_id=offer["id"])
    return offers.done(offer, f"the rule “{row['name']}” of {offer['code']}", target)
