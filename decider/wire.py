"""Questions and decisions as they travel between the decision service and who asks it.

What comes in is checked to the last field: a wrong one is a :class:`BadQuestion` that says where.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from http import HTTPStatus
from typing import Annotated, Any, Literal

import orjson
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from cordboard.decision import Decision, Entry, Route
from cordboard.decision_facts import Offer
from cordboard.question import Question
from decider.facts import DeciderAway

#: Characters of a refusal that are passed on.
SHOWN = 300

#: Longest question, bytes: a thousand groups with ten skills each fit.
LONGEST = 512 * 1024

Count = Annotated[int, Field(ge=0, le=1_000_000)]
Seconds = Annotated[float, Field(ge=0, le=10_000_000, allow_inf_nan=False)]
Slug = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,63}$")]
Line = Annotated[str, Field(max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class _Seen(_Strict):
    """A group as the ACD sees it."""

    free: Count = 0
    skills: dict[Slug, Count] = Field({}, max_length=1000)
    wait_s: Seconds | None = None
    skill_waits: dict[Slug, Seconds | None] = Field({}, max_length=1000)


class _Asked(_Strict):
    """See :class:`cordboard.question.Question`."""

    call: Annotated[str, Field(pattern=r"^([0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12})?$")]
    customer: Annotated[int, Field(ge=0, lt=2**63)]
    subscriber: Slug
    channel: Literal["phone", "web", "chat", "api"] = "phone"
    kinds: list[Literal["sales", "service"]] = Field(["sales", "service"], max_length=2)
    reason: Line = ""
    group: Slug | Literal[""] = ""
    resources: dict[Slug, _Seen] = Field({}, max_length=5000)
    at_ms: Annotated[int, Field(ge=1, lt=253402300800000)]
    ivr: bool = True


class BadQuestion(ValueError):
    """What was asked is no question; ``errors`` names each field and what is wrong with it."""

    def __init__(self, detail: str, errors: list[dict[str, str]]) -> None:
        super().__init__(detail)
        self.errors = errors


class NotJson(BadQuestion):
    """What was sent is no JSON at all."""


def question_json(question: Question) -> bytes:
    """A question, to send."""
    return orjson.dumps(asdict(question))


def read_question(body: bytes) -> Question:
    """The question that came.

    Raises:
        BadQuestion: it is none.
    """
    try:
        asked = _Asked.model_validate_json(body)
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False, include_input=False)[:20]
        if any(one["type"] == "json_invalid" for one in found):
            raise NotJson("The body is no JSON document.", []) from None
        errors = [
            {"pointer": "/" + "/".join(str(part)[:80] for part in one["loc"]), "detail": one["msg"]}
            for one in found
        ]
        detail = f"{errors[0]['pointer']}: {errors[0]['detail'][:200]}"
        raise BadQuestion(detail, errors) from None
    values = asked.model_dump(exclude_unset=True)
    return Question(**{**values, "kinds": tuple(asked.kinds)})


def read_decision(record: Mapping[str, Any], question: Question) -> Decision:
    """The decision whose :meth:`Decision.as_json` came back.

    Raises:
        KeyError, TypeError, ValueError: it is not of this form.
    """
    return Decision(
        id=str(record["id"]),
        question=question,
        ranking=tuple(_entry(entry) for entry in record["ranking"]),
        chosen=dict(record["chosen"]),
        route=Route(**record["route"]),
        explored=bool(record["explored"]),
        context=dict(record["context"]),
    )


def _entry(record: Mapping[str, Any]) -> Entry:
    offer = Offer(
        id=int(record["offer"]),
        code=record["code"],
        kind=record["kind"],
        title=record["title"],
        url=record["url"],
        channels=tuple(record["channels"]),
        group=record["group"] or "",
        skill=record["skill"] or "",
        value_cents=record["value_cents"],
    )
    kept = ("p", "ev_cents", "exposures", "why", "words", "rank", "chance", "chosen", "possible")
    return Entry(offer, **{name: record[name] for name in kept})


def headers(token: str) -> dict[str, str]:
    """What goes with each question."""
    return {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}


def answer_of(status: int, body: bytes, question: Question) -> Decision:
    """The decision in an answer of the service.

    Raises:
        DeciderAway: it is a refusal, or no answer of this release.
    """
    try:
        told: Any = orjson.loads(body)
        if status == HTTPStatus.OK:
            return read_decision(told, question)
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError) as error:
        raise DeciderAway(
            f"the decision service answers as another release does ({status}): {error!r}"
        ) from error
    detail = str(told.get("detail", "") if isinstance(told, dict) else told)[:SHOWN]
    raise DeciderAway(f"the decision service refused ({status}): {detail}")
