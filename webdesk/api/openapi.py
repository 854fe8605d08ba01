"""The OpenAPI 3.1 document, made of ``OPERATIONS`` and the models: nothing is written twice."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import Any, Literal

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from webdesk.api.models import ProblemDocument
from webdesk.api.operation import KEY, OPERATIONS, Operation

Json = dict[str, Any]

REF = "#/components/schemas/{model}"
PROBLEM = "application/problem+json"

INTRODUCTION = (
    "Ask by HTTP Basic with your business id and secret, over TLS, or sign each request with the"
    " headers X-CB-Business, X-CB-Timestamp and X-CB-Signature. Errors are problem documents"
    " (RFC 9457). docs/api.md has examples."
)

SCHEMES = {
    "basic": {
        "type": "http",
        "scheme": "basic",
        "description": "Business id and one of its two live secrets.",
    },
    "signature": {
        "type": "apiKey",
        "in": "header",
        "name": "X-CB-Signature",
        "description": (
            "HMAC-SHA256, hexadecimal, with the secret's signing key, over four lines: method, path"
            " with query, X-CB-Timestamp, SHA-256 of the body in hexadecimal."
        ),
    },
}

KEY_PARAMETER = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": True,
    "description": "The same key again makes no second one.",
    "schema": {"type": "string", "pattern": KEY},
}

Mode = Literal["validation", "serialization"]


def document(server: str, version: str) -> Json:
    """The whole document; ``server`` is the base URL, for readers and their tools."""
    schemas = _schemas()
    paths: Json = {}
    for one in OPERATIONS:
        paths.setdefault(one.path, {})[one.method.lower()] = _operation(one, schemas)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Cordboard", "version": version, "description": INTRODUCTION},
        "servers": [{"url": server}],
        "security": [{name: []} for name in SCHEMES],
        "paths": paths,
        "components": {"schemas": schemas, "securitySchemes": SCHEMES},
    }


def _schemas() -> Json:
    """Every model, by name."""
    models: dict[type[BaseModel], Mode] = {ProblemDocument: "serialization"}
    for one in OPERATIONS:
        models |= {model: "validation" for model in (one.body, one.query) if model}
        models |= {
            model: "serialization" for model in one.answers.values() if not isinstance(model, str)
        }
    _, found = models_json_schema(list(models.items()), ref_template=REF)
    definitions: Json = found["$defs"]
    return definitions


def _operation(one: Operation, schemas: Json) -> Json:
    told: Json = {
        "operationId": one.name,
        "summary": one.summary,
        "parameters": _parameters(one, schemas),
        "responses": {
            **{str(status): _success(status, what) for status, what in one.answers.items()},
            **{str(status): _refusal(status) for status in one.refusals},
        },
    }
    if one.body:
        told["requestBody"] = {"required": True, "content": _content(one.body)}
    return told


def _parameters(one: Operation, schemas: Json) -> list[Json]:
    found: list[Json] = [
        {
            "name": name,
            "in": "path",
            "required": True,
            "schema": one.parts.get(name, {"type": "string", "format": "uuid"}),
        }
        for name in re.findall(r"{(\w+)}", one.path)
    ]
    if one.query:
        # Parameters are no component: their schemas stand where they are used.
        schema = schemas.pop(one.query.__name__, None) or one.query.model_json_schema()
        found += [
            {"name": name, "in": "query", "required": False, "schema": _given(part)}
            for name, part in schema["properties"].items()
        ]
    return [*found, KEY_PARAMETER] if one.keyed else found


def _given(schema: Json) -> Json:
    """A parameter that is left out is not there: it is never null."""
    kinds = [kind for kind in schema.get("anyOf", []) if kind.get("type") != "null"]
    rest = {key: value for key, value in schema.items() if key not in ("anyOf", "title", "default")}
    return {**rest, **kinds[0]} if kinds else {**rest, **_default(schema)}


def _default(schema: Json) -> Json:
    return {"default": schema["default"]} if schema.get("default") is not None else {}


def _success(status: int, what: type[BaseModel] | str) -> Json:
    if isinstance(what, str):
        content: Json = {what: {"schema": {"type": "string"}}}
    else:
        content = _content(what)
    told: Json = {"description": HTTPStatus(status).phrase, "content": content}
    if status == HTTPStatus.CREATED:
        told["headers"] = {
            "Location": {"schema": {"type": "string"}, "description": "Where it can be read."},
            "Idempotency-Replayed": {
                "schema": {"type": "string", "enum": ["true"]},
                "description": "The key was known: this is what was made then.",
            },
        }
    return told


def _content(model: type[BaseModel]) -> Json:
    return {"application/json": {"schema": {"$ref": REF.format(model=model.__name__)}}}


def _refusal(status: int) -> Json:
    schema = {"$ref": REF.format(model=ProblemDocument.__name__)}
    told: Json = {
        "description": HTTPStatus(status).phrase,
        "content": {PROBLEM: {"schema": schema}},
    }
    if status == HTTPStatus.UNAUTHORIZED:
        told["headers"] = {"WWW-Authenticate": {"schema": {"type": "string"}}}
    return told
