"""The public API, ``/api/v1``: for a subscriber's own servers, which prove themselves by a secret.

``operation.py`` checks what comes in and serves it, ``openapi.py`` describes it; both from the same
table. docs/api.md is for those who call it.
"""

from __future__ import annotations

from importlib.metadata import version

from flask import Response, jsonify

from webdesk.api import checks, offers, openapi, requests, usage
from webdesk.api.operation import PREFIX, bp
from webdesk.services import services

__all__ = ["bp", "checks", "offers", "requests", "usage"]


@bp.get("/openapi.json")
def document() -> Response:
    """The description of all this, for people's tools."""
    return jsonify(openapi.document(services().settings.web + PREFIX, version("cordboard")))
