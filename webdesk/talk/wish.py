"""From a form to a call request: which number, when, and whether the dialling policy allows it."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from cordboard import visit_times
from cordboard.policy import Verdict
from cordboard.tag1 import Tag1
from cordboard.visit_times import WantedTimeError
from db import policy
from webdesk.services import POOL_WAIT_S, services
from webdesk.talk import capacity, form, place, store, wanted
from webdesk.talk.form import Entered
from webdesk.talk.visitors import Visitor

Json = dict[str, Any]

#: While nobody is on duty, no time before this is offered.
NOBODY_FOR = timedelta(hours=1)
#: Rules of the policy that are about the number; its sentence stands beside the field.
_ABOUT_NUMBER = {"invalid_number", "region_not_allowed", "number_type_not_allowed", "own_number"}


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a form was not taken, and what could be done instead."""

    code: str
    heading: str
    sentences: tuple[str, ...] = ()
    fields: dict[str, str] = field(default_factory=dict)
    offers: tuple[datetime, ...] = ()


class NotTaken(Exception):
    """The form cannot be taken as it is."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.code)
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Asked:
    """One form: who sent it, from which link, at what time."""

    place: Json
    link: Tag1
    who: Visitor
    customer: Json | None
    entered: Entered
    now: datetime

    @property
    def known_number(self) -> str:
        """The number we have of the customer whom the link names, "" without one."""
        return str((self.customer or {}).get("number") or "")


def why_not_now(where: Json, now: datetime) -> tuple[str, str] | None:
    """Code and sentence when nobody can be talked to at once; None when somebody can."""
    try:
        visit_times.check_hours(place.schedule(where), now)
    except WantedTimeError as error:
        return error.code, "We are closed now."
    if not capacity.anybody_on_duty(services(), where["group"]):
        return "nobody", "Nobody is on duty at the moment."
    return None


def make(asked: Asked) -> str:
    """Store the request; answers its id. The same form sent twice is one request.

    Raises:
        NotTaken: with what is wrong, and what could be done instead.
    """
    complaints = form.complaints(asked.entered, known=bool(asked.known_number))
    try:
        moment = _moment(asked)
    except WantedTimeError as error:
        complaints["at"] = str(error)
        raise _incomplete(asked, complaints, error.code) from error
    if complaints:
        raise _incomplete(asked, complaints)
    number = _number(asked)
    verdict = _judge(asked, number, moment)
    if not verdict.allowed or verdict.e164 is None:
        raise NotTaken(_refusal(verdict))
    return store.make_request(services().pool, _request(asked, verdict.e164, moment))


def _incomplete(asked: Asked, fields: dict[str, str], time_code: str = "") -> NotTaken:
    offers: tuple[datetime, ...] = ()
    if time_code in ("closed", "holiday", "skipped", "past"):
        offers = offered(asked.place, asked.entered.zone, asked.now)
    code = time_code or f"bad-{next(iter(fields))}"
    return NotTaken(
        Problem(code, "Please look at this again", tuple(fields.values()), fields, offers)
    )


def _moment(asked: Asked) -> datetime | None:
    """When to call, None for now."""
    entered, where = asked.entered, asked.place
    if not entered.is_later:
        if reason := why_not_now(where, asked.now):
            code, sentence = reason
            raise WantedTimeError("closed" if code == "nobody" else code, sentence)
        return None
    if entered.offered:
        moment = visit_times.read_offered(entered.offered, asked.now)
    else:
        zone = visit_times.zone_or(entered.zone, where["timezone"])
        moment = visit_times.read_wanted(entered.at, zone, asked.now)
    visit_times.check_hours(place.schedule(where), moment)
    return moment


def _number(asked: Asked) -> str:
    if asked.known_number and asked.entered.whose == "known":
        return asked.known_number
    return asked.entered.number


def _judge(asked: Asked, number: str, moment: datetime | None) -> Verdict:
    svc, sid, visitor = services(), asked.place["sid"], asked.who.id
    with svc.pool.connection(timeout=POOL_WAIT_S) as conn:
        verdict = policy.check(conn, svc.settings, sid, number, visitor=visitor, at=moment)
        policy.record(conn, verdict, visitor=visitor)
    return verdict


def _refusal(verdict: Verdict) -> Problem:
    reasons = verdict.reasons
    sentences = tuple(reason.sentence for reason in reasons)
    about_number = [reason.sentence for reason in reasons if reason.code in _ABOUT_NUMBER]
    fields = {"number": " ".join(about_number)} if about_number else {}
    offers: tuple[datetime, ...] = ()
    if verdict.only_hours and verdict.next_allowed:
        offers = (verdict.next_allowed.astimezone(UTC),)
    return Problem(reasons[0].code, "We cannot call you like this", sentences, fields, offers)


def _request(asked: Asked, number: str, moment: datetime | None) -> Json:
    entered, link, where = asked.entered, asked.link, asked.place
    wish: Json = {
        "subscriber": where["sid"],
        "subject": where["sc"],
        "source": "web",
        "visitor": asked.who.id,
        "number": number,
        "note": entered.note,
        "page_title": link.title,
        "page_url": link.page_url,
        "pages": form.pages(entered),
        "whisper_code": link.whisper_code,
        "time_zone": str(visit_times.zone_or(entered.zone, where["timezone"])),
        "consent_text": where["consent"],
        "key": entered.key,
    }
    if link.customer_code:
        wish["customer_code"] = link.customer_code
    wish |= wanted.wish_of(where["group"], entered.person)
    if moment is not None:
        wish["wanted_ms"] = int(moment.timestamp() * 1000)
    if where["proof_required"]:
        wish["proof_code"] = f"{secrets.randbelow(10_000):04}"
    return wish


def offered(where: Json, zone: str, now: datetime) -> tuple[datetime, ...]:
    """Times at which we can call; not at once, where nobody is there to be asked."""
    nobody = not capacity.anybody_on_duty(services(), where["group"])
    after = now + NOBODY_FOR if nobody else now
    local = visit_times.zone_or(zone, where["timezone"])
    return tuple(visit_times.offers(place.schedule(where), local, after))
