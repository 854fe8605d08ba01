"""The agent's desk: the page, its state, and what the agent chooses to do."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, render_template, request

from cordboard import keys
from cordboard.agent_state import Event
from cordboard.entries import FORMS
from webdesk import agents, calls, store
from webdesk.present import number_text
from webdesk.problems import Problem
from webdesk.services import Services, services
from webdesk.sessions import me, role_required
from webdesk.snapshot import desk_state

bp = Blueprint("desk", __name__, url_prefix="/desk")


@bp.get("")
@role_required("agent")
def page() -> str:
    """The desk with its state in it, so that the first paint needs no second request."""
    return render_template(
        "desk.html",
        state=desk_state(services(), me()),
        pause_reasons=agents.PAUSE_REASONS,
        reasons=agents.REASONS,
        entry_forms=FORMS,
    )


@bp.get("/state")
@role_required("agent")
def state() -> Response:
    """The state alone: for a page that has missed events."""
    return jsonify(desk_state(services(), me()))


@bp.get("/between-calls")
@role_required("agent")
def between_calls() -> Response:
    """What an agent without a call looks at: the own queues, the own latest calls."""
    svc, user = services(), me()
    agent = agents.read_agent(svc.redis, user.id)
    recent = store.recent_calls(svc.pool, user.id)
    return jsonify(
        queues=waiting(svc, list(agent["groups"])),
        calls=[{**call, "ani_text": number_text(call["ani"])} for call in recent],
    )


def waiting(svc: Services, groups: list[str]) -> list[store.Json]:
    """How many callers wait in each of some groups."""
    names = {group["code"]: group["name"] for group in store.groups(svc.pool)}
    pipe = svc.redis.pipeline()
    for code in groups:
        pipe.zcard(keys.queue(code))
    counts = pipe.execute()
    return [
        {"code": code, "name": names.get(code, code), "waiting": count}
        for code, count in zip(groups, counts, strict=True)
    ]


@bp.post("/agent/available")
@role_required("agent")
def make_available() -> Response:
    """Ready for calls; refused without a registered phone, since nothing could ring."""
    agent = agents.read_agent(services().redis, me().id)
    if not agent["registered"]:
        device = agent["device"] or "your phone"
        raise Problem(
            409,
            "no-phone",
            f"Calls cannot reach you yet: {device} is not registered. "
            "Switch the phone on, wait for the phone sign to turn green, then choose Available.",
        )
    return _choose(Event.MAKE_AVAILABLE)


@bp.post("/agent/pause")
@role_required("agent")
def pause() -> Response:
    """No calls for now; a reason is needed, from the list."""
    reason = request.form.get("reason", "")
    if reason not in agents.PAUSE_REASONS:
        raise Problem(422, "unknown-reason", "Choose one of the reasons on the list.")
    return _choose(Event.PAUSE, reason)


@bp.post("/agent/finish-wrap-up")
@role_required("agent")
def finish_wrap_up() -> Response:
    """Done with the call; refused while a mandatory disposition is missing."""
    svc, user = services(), me()
    agent = agents.read_agent(svc.redis, user.id)
    if agent["state"] != "wrap_up":
        raise Problem(409, "not-in-wrap-up", "You are not in wrap-up any more.")
    missing = calls.missing_dispositions(svc, agent["call_id"])
    if missing:
        kinds = " and ".join(missing)
        raise Problem(409, "disposition-missing", f"Choose a {kinds} disposition first.")
    return _choose(Event.WRAP_UP_ENDED)


def _choose(event: Event, reason: str = "") -> Response:
    client, agent_id = services().redis, me().id
    happened = agents.let_happen(client, agent_id, event, reason)
    if not happened and event in (Event.MAKE_AVAILABLE, Event.PAUSE):
        # Logged out on another desk: this one brings the agent back on duty.
        agents.let_happen(client, agent_id, Event.LOG_IN, "log_in")
        happened = agents.let_happen(client, agent_id, event, reason)
    if not happened:
        raise Problem(409, "not-now", "Your state has just changed; look again, then choose.")
    return jsonify(agent=agents.read_agent(client, agent_id))
