"""Schemathesis against the real app: no 5xx, and no answer that the OpenAPI document does not tell.

Cases are made of the document, good ones and bad ones, always the same. A merchant's servers are
here the test client; what it sends passes the whole application, down to PostgreSQL and Redis.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
import redis
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import (
    content_type_conformance,
    not_a_server_error,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from cordboard.settings import Settings
from support.api import WISH, Api
from webdesk import create_app
from webdesk.api.operation import OPERATIONS, PREFIX, Operation

CHECKS = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
)

#: Cases of each operation; all of them together take well under a minute.
EXAMPLES = 150


@pytest.fixture(scope="module")
def told(web_settings: Settings) -> Iterator[tuple[Api, Any]]:
    """A merchant with its own application, and the schema as that application tells it."""
    with redis.Redis.from_url(web_settings.redis) as client:
        client.flushdb()
    app = create_app(web_settings)
    schema = schemathesis.openapi.from_wsgi(f"{PREFIX}/openapi.json", local(app))
    # Who asks is what test_api_auth.py is about; here everybody has a secret.
    schema.config.generation.with_security_parameters = False
    yield Api(app), schema
    app.extensions["cordboard"].close()


def local(app: Flask) -> Any:
    """The application as it is asked from this machine: a secret may come without TLS."""

    def wsgi(environ: dict[str, Any], start_response: Any) -> Any:
        return app({"REMOTE_ADDR": "127.0.0.1", **environ}, start_response)

    return wsgi


def takes_anything(one: Operation) -> bool:
    return bool(one.body or one.query or "{" in one.path)


#: Every operation with what it takes, and those that take something also with what they do not.
ASKED = [
    pytest.param(one, mode, id=f"{one.name}-{mode.value}")
    for one in OPERATIONS
    for mode in GenerationMode
    if mode is GenerationMode.POSITIVE or takes_anything(one)
]


@pytest.mark.parametrize(("one", "mode"), ASKED)
def test_every_answer_is_told(told: tuple[Api, Any], one: Operation, mode: GenerationMode) -> None:
    api, schema = told
    operation = schema[one.path][one.method]

    @given(case=operation.as_strategy(generation_mode=mode))
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    def ask(case: Any) -> None:
        answer = case.call_and_validate(headers=api.basic(), checks=CHECKS)
        assert answer.status_code not in (401, 403, 429), "it was not looked at"

    ask()


def test_what_is_taken_is_answered_as_told(told: tuple[Api, Any]) -> None:
    """Random requests are mostly refused, so here are some that are not."""
    api, schema = told

    def ask(method: str, path: str, status: int = 200, **more: Any) -> Any:
        case = schema[path][method].Case(**more)
        headers = {**api.basic(), **case.headers, "Idempotency-Key": uuid4().hex}
        answer = case.call_and_validate(headers=headers, checks=CHECKS)
        assert answer.status_code == status
        return answer

    made = ask("POST", "/call-requests", 201, body=WISH, media_type="application/json").json()
    story = {"request_id": made["id"]}
    ask("GET", "/call-requests/{request_id}", path_parameters=story)
    ask("GET", "/call-requests")
    ask("POST", "/call-requests/{request_id}/cancel", path_parameters=story)
    ask("POST", "/policy-checks", body={"number": WISH["number"]}, media_type="application/json")
    ask("GET", "/usage")
    ask("GET", "/usage.csv")
    ask("POST", "/call-requests", 422, body={**WISH, "number": "+13125550196"},
        media_type="application/json")  # fmt: skip
