"""Which question goes to which handler: the table of contents of this package."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from agi import variables as v
from agi.handlers import close_call, identify_caller, open_call, service_notice, verify_account
from agi.services import Services
from agi.session import AgiSession


@dataclass(frozen=True)
class Handler:
    """Answers a question with channel variables; ``status`` names the one that says how it went.

    ``undo`` is called with the answer when nobody was there any more to hear it.
    """

    answer: Callable[[AgiSession, Services], Mapping[str, str]]
    status: str = ""
    undo: Callable[[Mapping[str, str], Services], None] | None = None

    @property
    def unavailable(self) -> Mapping[str, str]:
        """What is said when there is no answer in time."""
        return {self.status: v.UNAVAILABLE} if self.status else {}


QUESTIONS = {
    "open-call": Handler(open_call.answer, v.OPEN_STATUS, open_call.undo),
    "identify-caller": Handler(identify_caller.answer, v.IDENTIFY_STATUS),
    "verify-account": Handler(verify_account.answer, v.VERIFY_STATUS),
    "service-notice": Handler(service_notice.answer, v.NOTICE_STATUS),
    "close-call": Handler(close_call.answer),
}
