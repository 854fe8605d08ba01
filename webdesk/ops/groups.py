"""How each agent group works: ringing, wrap-up, waiting, the offer to call back."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response
from wtforms import BooleanField
from wtforms.validators import InputRequired, Length

from cordboard.events import AgentsChanged
from db.queries import sql
from webdesk.ops import asking, edits
from webdesk.ops.forms import EditForm, Line, no_such, one_line, save, saved, whole_number
from webdesk.ops.menu import EDITORS
from webdesk.services import services
from webdesk.sessions import me, role_required

Json = dict[str, Any]

bp = Blueprint("groups", __name__, url_prefix="/groups")

GROUP = edits.Kind("agent_group", sql.lock_agent_group, sql.update_agent_group)


class GroupForm(EditForm):
    """One group."""

    name = Line("Name", [InputRequired("Give the group a name."), Length(max=120), one_line])
    ring_seconds = whole_number("Ring an agent for", 1, 120)
    wrapup_seconds = whole_number("Wrap-up", 0, 3600)
    disposition_required = BooleanField("A result must be chosen for every lit offer")
    max_waiting = whole_number("Most callers waiting", 0, 10_000)
    max_wait_seconds = whole_number("Longest wait", 0, 14_400)
    offer_callback_after_seconds = whole_number("Offer to call back above", 0, 14_400)
    relax_skills_after_seconds = whole_number("Ask for skills for", 0, 14_400)
    announce_every_seconds = whole_number("Tell the place in the queue every", 0, 14_400)


@bp.get("")
@role_required(*EDITORS)
def index() -> str:
    """All groups of all subscribers."""
    return render_template("ops/groups.html", groups=asking.rows(sql.ops_groups))


@bp.route("/<int(max=2147483647):group_id>", methods=["GET", "POST"])
@role_required(*EDITORS)
def edit(group_id: int) -> str | Response | tuple[str, int]:
    """Change a group."""
    try:
        stored = edits.find(services(), GROUP, group_id)
    except edits.Gone:
        raise no_such("group") from None
    form = GroupForm(data=stored)
    row = save(
        form,
        lambda: edits.change(services(), me().id, GROUP, group_id, form.seen, form.content()),
        as_form=lambda row: GroupForm(formdata=None, data=row),
    )
    if row:
        edits.tell(services(), AgentsChanged())
        saved(f"Saved: {row['name']} works by it from the next call on.")
        return redirect(url_for("ops.groups.index"))
    return render_template("ops/group_edit.html", form=form, stored=stored), form.status
