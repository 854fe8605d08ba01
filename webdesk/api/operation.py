"""One operation of the API: who may ask, what it takes, what it answers.

``@operation`` makes the Flask view and a line of ``OPERATIONS``, of which ``openapi.py`` makes the
document; what is checked here is therefore what stands there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, Generic, TypeVar

from flask import Blueprint, Response, request
from flask_limiter import RequestLimit
from pydantic import BaseModel, ValidationError

from webdesk import problems
from webdesk.api.auth import Business, authenticate
from webdesk.api.body import sent
from webdesk.problems import Problem
from webdesk.security import csrf, limiter

#: Failed proofs of who one is, by address.
FAILURES = "30 per minute"
RETRY_S = 60

KEY = r"^[\x21-\x7e]{8,100}$"

#: Every operation that proves who asks can be refused so.
COMMON = (401, 403, 429, 503)
WITH_BODY = (400, 413, 415, 422)

In = TypeVar("In")


@dataclass(frozen=True, slots=True)
class Ask(Generic[In]):
    """A request that has passed: who, what (body or parameters), and its idempotency key."""

    business: Business
    what: In
    key: str = ""


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer that is made of a model."""

    model: BaseModel
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Operation:
    """What the document says of one operation."""

    method: str
    path: str
    name: str
    summary: str
    body: type[BaseModel] | None
    query: type[BaseModel] | None
    answers: Mapping[int, type[BaseModel] | str]
    refusals: tuple[int, ...]
    keyed: bool
    parts: Mapping[str, Any]


OPERATIONS: list[Operation] = []

#: Where a version of the API lives; a change that breaks callers is a new one beside it.
PREFIX = "/api/v1"

bp = Blueprint("api", __name__, url_prefix=PREFIX)
# No cookie counts here, so no foreign page can make a browser ask in somebody's name.
csrf.exempt(bp)

View = Callable[..., Reply | Response]


def operation(
    method: str,
    path: str,
    *,
    answers: Mapping[int, type[BaseModel] | str],
    body: type[BaseModel] | None = None,
    query: type[BaseModel] | None = None,
    refusals: tuple[int, ...] = (),
    keyed: bool = False,
    parts: Mapping[str, Any] | None = None,
) -> Callable[[View], View]:
    """Serve ``path`` (as OpenAPI writes it) with a function of ``Ask`` and the path's parameters.

    Args:
        method: of HTTP.
        path: below the blueprint's.
        answers: status of a success and its model, or its media type.
        body: model of the JSON body.
        query: model of the parameters of the address.
        refusals: statuses besides those that every such operation has.
        keyed: whether there must be an Idempotency-Key.
        parts: JSON schemas of the path's parameters that are no UUIDs.
    """

    known = {*COMMON, *(WITH_BODY if body else ()), *((422,) if query else ()), *refusals}

    def register(function: View) -> View:
        one = Operation(
            method=method,
            path=path,
            name=function.__name__,
            summary=(function.__doc__ or "").strip().splitlines()[0],
            body=body,
            query=query,
            answers=answers,
            refusals=tuple(sorted(known)),
            keyed=keyed,
            parts=parts or {},
        )
        OPERATIONS.append(one)
        _serve(one, function)
        return function

    return register


def _serve(one: Operation, function: View) -> None:
    """Make the Flask view of an operation."""

    @wraps(function)
    def view(**parts: str) -> Response:
        business = authenticate()
        what = _body(one.body) if one.body else _query(one.query) if one.query else None
        reply = function(Ask(business, what, _key() if one.keyed else ""), **parts)
        return reply if isinstance(reply, Response) else _response(reply)

    limited = limiter.shared_limit(
        FAILURES, scope="api", deduct_when=_unproved, on_breach=_too_many
    )(view)
    rule = re.sub(r"{(\w+)}", r"<\1>", one.path)
    bp.add_url_rule(rule, one.name, limited, methods=[one.method])


def _unproved(response: Any) -> bool:
    return bool(response.status_code == 401)


def _too_many(_: RequestLimit) -> Response:
    return problems.answer(
        Problem(
            429,
            "too-many-tries",
            "Too many requests without a valid secret. Wait a minute, then try again.",
            headers={"Retry-After": str(RETRY_S)},
        )
    )


def _body(model: type[BaseModel]) -> BaseModel:
    if request.mimetype != "application/json":
        raise Problem(415, "not-json", "Send the body as Content-Type: application/json.")
    try:
        return model.model_validate_json(sent())
    except ValidationError as error:
        if any(found["type"] == "json_invalid" for found in error.errors(include_url=False)):
            raise Problem(400, "bad-json", "The body is no JSON document.") from None
        raise _invalid(error, "/") from None


def _query(model: type[BaseModel]) -> BaseModel:
    given = {}
    for name, values in request.args.lists():
        if len(values) > 1:
            raise invalid(name, "given more than once")
        given[name] = values[0]
    try:
        return model.model_validate_strings(given)
    except ValidationError as error:
        raise _invalid(error, "") from None


def _invalid(error: ValidationError, root: str) -> Problem:
    found = error.errors(include_url=False, include_context=False, include_input=False)
    return _unprocessable(
        [
            {"pointer": root + "/".join(map(str, one["loc"])), "detail": one["msg"][:200]}
            for one in found[:20]
        ]
    )


def invalid(pointer: str, detail: str) -> Problem:
    """The refusal of one field."""
    return _unprocessable([{"pointer": pointer, "detail": detail}])


def _unprocessable(errors: list[dict[str, str]]) -> Problem:
    first = errors[0]
    return Problem(
        422,
        "invalid",
        f"{first['pointer']}: {first['detail']}. Mend what `errors` names, then send it again.",
        more={"errors": errors},
    )


def _key() -> str:
    key = request.headers.get("Idempotency-Key", "")
    if not key:
        raise Problem(
            400,
            "idempotency-key-missing",
            "Send an Idempotency-Key, a new one for each new request: the same key again makes no"
            " second one.",
        )
    if not re.fullmatch(KEY, key):
        raise invalid("Idempotency-Key", "8 to 100 visible ASCII characters")
    return key


def _response(reply: Reply) -> Response:
    text = reply.model.model_dump_json()
    return Response(
        text, reply.status, headers=dict(reply.headers), content_type="application/json"
    )
