"""The OpenAPI document says what the operations and their models say, and nothing dangling."""

from __future__ import annotations

import re
from typing import Any

import orjson
import pytest
from flask import Flask
from pydantic import ValidationError
from werkzeug.routing import Rule

from webdesk import BLUEPRINTS
from webdesk.api import bp, openapi
from webdesk.api.models import NewRequest
from webdesk.api.operation import COMMON, OPERATIONS, PREFIX

Json = dict[str, Any]

DOCUMENT = openapi.document("http://127.0.0.1/api/v1", "0")


def operations() -> list[tuple[str, str, Json]]:
    return [
        (method, path, told)
        for path, methods in DOCUMENT["paths"].items()
        for method, told in methods.items()
    ]


def test_it_is_plain_json() -> None:
    assert orjson.loads(orjson.dumps(DOCUMENT)) == DOCUMENT


def test_every_reference_leads_somewhere() -> None:
    text = orjson.dumps(DOCUMENT).decode()
    named = set(re.findall(r'"#/components/schemas/(\w+)"', text))
    assert named
    assert named <= set(DOCUMENT["components"]["schemas"])


def test_every_operation_tells_its_refusals() -> None:
    for method, path, told in operations():
        wanted = {*COMMON, *((400, 413, 415, 422) if "requestBody" in told else ())}
        wanted |= {404} if "{" in path else set()
        assert {str(status) for status in wanted} <= set(told["responses"]), (method, path)


def test_every_parameter_of_a_path_is_told() -> None:
    for _, path, told in operations():
        given = {one["name"] for one in told["parameters"] if one["in"] == "path"}
        assert given == set(re.findall(r"{(\w+)}", path))


def test_operations_have_names_and_summaries() -> None:
    names = [told["operationId"] for _, _, told in operations()]
    assert len(set(names)) == len(names) == len(OPERATIONS)
    assert all(told["summary"].endswith(".") for _, _, told in operations())


def test_the_app_serves_each_of_them_and_no_other() -> None:
    app_rules = {
        (method, re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule))
        for rule in _rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if rule.rule.startswith(PREFIX)
    }
    told = {(one.method, PREFIX + one.path) for one in OPERATIONS}
    assert app_rules == told | {("GET", f"{PREFIX}/openapi.json")}


def _rules() -> list[Rule]:
    assert bp in BLUEPRINTS
    app = Flask(__name__)
    app.register_blueprint(bp)
    return list(app.url_map.iter_rules())


WISH: Json = {"subject": "ORDERS", "number": "+12125550140"}


def read(**changed: Any) -> NewRequest:
    return NewRequest.model_validate_json(orjson.dumps({**WISH, **changed}))


def test_a_short_wish_is_enough() -> None:
    assert read().time_zone == "UTC"
    assert read(wanted_at="2026-12-01T09:00:00-05:00").wanted_at is not None


@pytest.mark.parametrize(
    "changed",
    [
        {"subject": "orders"}, {"subject": ""}, {"subject": None}, {"subject": 7},
        {"number": "2125550140"}, {"number": "+0125550140"}, {"number": "+1"}, {"number": 1212},
        {"note": "x" * 1001}, {"note": "\x00"}, {"note": "a\x1bb"}, {"note": ["a"]},
        {"pages": [{"url": "https://a.example/"}] * 51}, {"pages": [{"url": "javascript:x"}]},
        {"pages": [{"url": "https://a.example/", "more": 1}]}, {"page_url": "ftp://a.example/"},
        {"whisper_code": "a b"}, {"wanted_agent": "Ava"}, {"wanted_skill": "X"},
        {"wanted_at": "2026-12-01T09:00:00"}, {"wanted_at": 1800000000}, {"wanted_at": "soon"},
        {"time_zone": "../../etc/passwd"}, {"consent_text": ""}, {"customer_code": "two\nlines"},
        {"unknown": "field"}, {"source": "web"}, {"subscriber": "halyard"},
    ],
)  # fmt: skip
def test_wrong_types_and_values_are_refused(changed: Json) -> None:
    with pytest.raises(ValidationError):
        read(**changed)
