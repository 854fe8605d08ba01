"""The body of a request, whole or not at all."""

from __future__ import annotations

from flask import current_app, request
from werkzeug.exceptions import RequestEntityTooLarge


def sent() -> bytes:
    """The bytes that were sent.

    Raises:
        RequestEntityTooLarge: they are more than ``MAX_CONTENT_LENGTH``.
    """
    found = request.get_data(cache=True)
    # Of a body that does not tell its length the library keeps the beginning, without a word.
    if request.content_length is None and len(found) >= current_app.config["MAX_CONTENT_LENGTH"]:
        raise RequestEntityTooLarge
    return found
