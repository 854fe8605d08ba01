"""``service-notice``: is there a service failure that this caller should hear about?"""

from __future__ import annotations

from collections.abc import Mapping

import structlog

from agi import variables as v
from agi.handlers.common import call_id
from agi.services import Services
from agi.session import AgiSession
from cordboard.tts import SpeechError, speak
from db.queries import sql

log = structlog.get_logger(__name__)

#: Longest time to make the speech, seconds; usually another caller has heard the same already.
SPEECH_TIMEOUT = 0.5


def answer(session: AgiSession, services: Services) -> Mapping[str, str]:
    """Speak the notice for this account and name the sound."""
    row = services.database.one(sql.find_notice, {"call": call_id(session)})
    if row is None:
        return {v.NOTICE_STATUS: "NONE"}
    try:
        sound = speak(row["notice"], services.settings, timeout=SPEECH_TIMEOUT)
    except (SpeechError, ValueError, OSError) as error:
        log.error("notice.not_spoken", failure=row["code"], error=str(error))
        return {v.NOTICE_STATUS: v.UNAVAILABLE}
    return {v.NOTICE_STATUS: "NOTICE", v.NOTICE: str(sound.with_suffix(""))}
