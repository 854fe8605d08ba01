"""The routing table: (subscriber, subject code) of a talk link -> who is called, and how."""

from __future__ import annotations

import re
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from psycopg.types.json import Jsonb
from werkzeug.wrappers import Response

from cordboard import web_rules, whisper
from cordboard.events import RoutingChanged
from db.queries import sql
from webdesk.ops import asking, edits
from webdesk.ops.forms import EditForm, no_such, options, save, saved
from webdesk.ops.menu import EDITORS
from webdesk.ops.routing_form import RuleForm, row_as_data
from webdesk.present import number_text
from webdesk.services import services
from webdesk.sessions import me, role_required

Json = dict[str, Any]

_SENTENCE = re.compile(r"(?<=[.!?])\s+")

bp = Blueprint("routing", __name__, url_prefix="/routing")

RULE = edits.Kind(
    "routing_rule",
    sql.lock_routing_rule,
    sql.update_routing_rule,
    insert=sql.insert_routing_rule,
)
UNIQUE = {
    "routing_rule_subscriber_id_subject_code_key": (
        "subject_code",
        "There is a rule with this subject code already. Edit that one, or choose another.",
    )
}
PLACEMENTS = {
    "customer_first": "Customer first",
    "agent_first": "Agent first",
    "both": "Both at once",
}
#: What is known of a visitor who typed nothing and came without a page.
ALWAYS = ("company", "subject")
#: What the preview of the whisper is filled with.
EXAMPLE = {
    "page_title": "Gift baskets for autumn",
    "pages": "Cheese, Coffee, Gift baskets",
    "note": "Is the large one in stock?",
    "customer_code": "C-10027",
    "whisper_code": "VIP",
}


@bp.get("")
@role_required(*EDITORS)
def index() -> str:
    """All rules, of one subscriber or of all."""
    subscribers = asking.subscribers()
    subscriber = asking.chosen(subscribers) if request.args.get("subscriber") else None
    return render_template(
        "ops/routing.html",
        subscribers=subscribers,
        subscriber=subscriber,
        rules=[
            {**rule, "external_text": number_text(rule["external"])}
            for rule in asking.rows(sql.ops_rules, subscriber=subscriber and subscriber["id"])
        ],
        placements=PLACEMENTS,
    )


@bp.route("/new", methods=["GET", "POST"])
@role_required(*EDITORS)
def new() -> str | Response | tuple[str, int]:
    """Add a rule."""
    subscriber = asking.chosen(asking.subscribers())
    form = _form(subscriber)
    row = save(
        form,
        lambda: edits.add(services(), me().id, RULE, _values(form, subscriber)),
        unique=UNIQUE,
        as_form=lambda row: _form(subscriber, row, stored=True),
    )
    return _done(subscriber, row) if row else _page(form, subscriber)


@bp.route("/<int(max=2147483647):rule_id>", methods=["GET", "POST"])
@role_required(*EDITORS)
def edit(rule_id: int) -> str | Response | tuple[str, int]:
    """Change a rule, or switch it off."""
    try:
        stored = edits.find(services(), RULE, rule_id)
    except edits.Gone:
        raise no_such("rule") from None
    subscriber = asking.by_id(asking.subscribers(), stored["subscriber_id"])
    form = _form(subscriber, stored)
    row = save(
        form,
        lambda: edits.change(
            services(), me().id, RULE, rule_id, form.seen, _values(form, subscriber)
        ),
        unique=UNIQUE,
        as_form=lambda row: _form(subscriber, row, stored=True),
    )
    return _done(subscriber, row) if row else _page(form, subscriber, stored)


def _form(subscriber: Json, row: Json | None = None, *, stored: bool = False) -> RuleForm:
    """The form of a rule; ``stored`` is what the database has, whatever was sent."""
    data = row_as_data(row) if row else {}
    form = RuleForm(formdata=None, data=data) if stored else RuleForm(data=data)
    form.region = subscriber["country"]
    form.own_numbers = {one["number"] for one in asking.rows(sql.own_numbers)}
    groups = asking.rows(sql.ops_groups_of, subscriber=subscriber["id"])
    names = {str(group["id"]): group["name"] for group in groups}
    form.group_id.choices = options({"": "Choose a group", **names})
    return form


def _values(form: RuleForm, subscriber: Json) -> Json:
    """The columns as the form says them."""
    values = form.content()
    ours = values["destination"] == "group"
    return {
        **values,
        "subscriber_id": subscriber["id"],
        "group_id": int(values["group_id"]) if ours else None,
        "external": None if ours else values["external"],
        "dnis": values["dnis"] or None,
        "tag2": Jsonb(form.tag2_pairs()),
        "needs": Jsonb(form.needed_skills()),
    }


def _page(form: EditForm, subscriber: Json, stored: Json | None = None) -> tuple[str, int]:
    example = {
        **EXAMPLE,
        "company": subscriber["name"],
        "subject": form["name"].data or "Your rule",
    }
    page = render_template(
        "ops/routing_edit.html",
        form=form,
        subscriber=subscriber,
        stored=stored,
        words=web_rules.WHISPER_WORDS,
        example=example,
        preview=spoken(form["whisper_template"].data or "", example),
        bare=spoken(form["whisper_template"].data or "", {n: example[n] for n in ALWAYS}),
    )
    return page, form.status


def spoken(template: str, values: dict[str, str]) -> str:
    """What an agent hears: sentences with nothing to say are left out."""
    return " ".join(filter(None, (whisper.fill(s, values) for s in _SENTENCE.split(template))))


def _done(subscriber: Json, row: Json) -> Response:
    edits.tell(services(), RoutingChanged(subscriber["code"]))
    state = "It holds for the next call." if row["active"] else "It is switched off."
    saved(f"Saved: {row['subject_code']}, {row['name']}. {state}")
    return redirect(url_for("ops.routing.index", subscriber=subscriber["code"]))
