"""``identify-caller``: does the calling number say who this is?"""

from __future__ import annotations

from collections.abc import Mapping

from agi import variables as v
from agi.handlers.common import call_id
from agi.services import Services
from agi.session import AgiSession
from db.queries import sql


def answer(session: AgiSession, services: Services) -> Mapping[str, str]:
    """Attach the one customer with this number to the call, if there is exactly one."""
    row = services.database.one(sql.identify_by_ani, {"call": call_id(session)})
    return {v.IDENTIFY_STATUS: row["status"] if row else v.UNAVAILABLE}
