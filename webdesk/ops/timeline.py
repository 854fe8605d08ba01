"""One request's story, as lines in order; ``drawing.py`` draws it. No I/O.

What happened comes from four places: the request's own timeline, the attempts, the calls with their
legs, and the refusals of the dialling policy.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

Json = dict[str, Any]

#: State or outcome -> tone of its colour; the words say it too.
TONES = {
    "waiting": "warn",
    "dialling": "live",
    "connected": "live",
    "completed": "good",
    "answered": "good",
    "given_up": "bad",
    "refused": "bad",
    "failed": "bad",
    "busy": "warn",
    "no_answer": "warn",
    "voicemail": "warn",
    "hung_up": "warn",
    "no_agent": "warn",
    "not_proved": "bad",
    "unknown": "bad",
    "cancelled": "",
}
TITLES = {
    "request.made": "Asked to be called",
    "request.moved": "Moved to another time",
    "request.waiting": "Waits for another attempt",
    "request.connected": "Customer and agent talk",
    "request.completed": "Done",
    "request.given_up": "Given up",
    "request.cancelled": "Taken back",
    "request.refused": "Refused by the dialling policy",
    "request.proved": "The called person keyed the code",
    "attempt.claimed": "An attempt begins",
    "attempt.handed": "Handed to call control",
    "attempt.dialled": "Dialled",
    "attempt.ended": "The attempt is over",
}


@dataclass(frozen=True, slots=True)
class Line:
    """Something that happened; ``at`` is aware."""

    at: datetime
    title: str
    detail: str = ""
    tone: str = ""


def words(code: str | None) -> str:
    """A code as words.

    >>> words("no_answer")
    'no answer'
    """
    return (code or "").replace("_", " ")


def moment(iso: str | datetime | None) -> datetime | None:
    """A moment of the database's JSON, or of a row."""
    if iso is None or isinstance(iso, datetime):
        return iso
    return datetime.fromisoformat(iso)


def lines(request: Json, calls: list[Json], refusals: list[Json]) -> list[Line]:
    """Everything that happened, oldest first."""
    found = [_event_line(event) for event in request["timeline"]]
    found += [Line(r["at"], f"Refused: {words(r['reason'])}", _reasons(r), "bad") for r in refusals]
    for call in calls:
        found += _call_lines(call)
    return sorted(found, key=lambda line: line.at)


def _event_line(event: Json) -> Line:
    name, data = event["name"], event["data"]
    outcome = data.get("outcome") or ""
    title = TITLES.get(name, words(name.replace(".", ": ")).capitalize())
    if name == "attempt.ended" and outcome:
        title = f"Attempt: {words(outcome)}"
    said = {
        "outcome": words(outcome) if name != "attempt.ended" else "",
        "sip_code": f"SIP {data['sip_code']}" if data.get("sip_code") else "",
        "reason": words(data.get("reason")),
        "due": f"due {clock(data['due'])}" if data.get("due") else "",
        "by": f"by {data['by']}" if data.get("by") else "",
        "source": f"from the {data['source']}" if data.get("source") else "",
    }
    tone = TONES.get(outcome or name.partition(".")[2], "")
    at = moment(event["at"])
    assert at is not None
    return Line(at, title, ", ".join(filter(None, said.values())), tone)


def clock(iso: str) -> str:
    """A moment as date and time of day, UTC."""
    at = moment(iso)
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC") if at else ""


def _reasons(refusal: Json) -> str:
    reasons = (refusal["detail"] or {}).get("reasons") or []
    return "; ".join(saw(reason) for reason in reasons)


def saw(reason: Json) -> str:
    """A reason of a refusal with what its rule saw.

    >>> saw({"code": "holiday", "saw": {"holiday": "Founders' Day"}})
    "holiday (holiday: Founders' Day)"
    """
    seen = facts(reason)
    return words(reason.get("code")) + (f" ({seen})" if seen else "")


def facts(reason: Json) -> str:
    """What the rule of a reason saw."""
    seen = reason.get("saw") or {}
    return ", ".join(f"{words(name)}: {_fact(value)}" for name, value in seen.items())


def _fact(value: object) -> str:
    return " ".join(map(str, value)) if isinstance(value, list) else str(value)


def _call_lines(call: Json) -> list[Line]:
    """A call's legs; the agent's name and what became of it stand at its end."""
    which = "The call that left the queue" if call["is_first"] else "Call"
    found = []
    for leg in call["legs"]:
        who = "agent" if leg["role"] == "agent" else "customer"
        cause = f"cause {leg['cause']}" if leg["cause"] else ""
        for at, what in (
            (leg["started"], f"{which}: {who} is rung"),
            (leg["answered"], f"{which}: {who} answered"),
            (leg["ended"], f"{which}: {who}'s leg ended"),
        ):
            moment_of = moment(at)
            if moment_of:
                found.append(Line(moment_of, what, cause if "ended" in what else ""))
    if call["ended"]:
        by = f"agent {call['agent']}" if call["agent"] else ""
        found.append(
            Line(
                call["ended"],
                f"{which} ended: {words(call['outcome'])}",
                by,
                TONES.get(call["outcome"] or "", ""),
            )
        )
    return found
