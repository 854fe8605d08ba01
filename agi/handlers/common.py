"""What several questions share."""

from __future__ import annotations

import uuid

from agi import variables as v
from agi.session import AgiSession, BadQuestion


def call_id(session: AgiSession) -> str:
    """The id that ``open-call`` gave this call, as log lines and queries want it.

    Raises:
        BadQuestion: it has none, because the server was away when the call came in.
    """
    text = session.get_variable(v.CALL_ID)
    try:
        call = str(uuid.UUID(text))
    except ValueError:
        raise BadQuestion("the call has no id") from None
    session.call = call
    return call
