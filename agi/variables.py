"""Every channel variable that the dialplan and the FastAGI server share."""

from __future__ import annotations

from typing import Final

CALL_ID: Final = "CB_CALL_ID"
"""The call's id, a UUID."""

OPEN_STATUS: Final = "CB_OPEN_STATUS"
"""``OPEN`` ``CLOSED`` ``HOLIDAY`` ``UNKNOWN_DID`` ``UNAVAILABLE``."""
SUBSCRIBER: Final = "CB_SUBSCRIBER"
"""Code of the subscriber whose number was dialled."""
MENU: Final = "CB_MENU"
"""Context of the number's menu, ``ivr-…``."""
QUEUE: Final = "CB_QUEUE"
"""Code of the agent group."""
IDENTIFY: Final = "CB_IDENTIFY"
"""What has to be known about the caller: ``ani`` ``account`` ``none``."""
PROMPT: Final = "CB_PROMPT"
"""Name of the announcement for a line that is not open."""

IDENTIFY_STATUS: Final = "CB_IDENTIFY_STATUS"
"""``FOUND`` ``NOT_ENOUGH`` ``AMBIGUOUS`` ``UNKNOWN`` ``ANONYMOUS`` ``UNAVAILABLE``."""

ACCOUNT: Final = "CB_ACCOUNT"
"""Account number that the caller keyed."""
SSN: Final = "CB_SSN"
"""Social security number that the caller keyed; the dialplan empties it after the question."""
VERIFY_STATUS: Final = "CB_VERIFY_STATUS"
"""``VERIFIED`` ``ACCOUNT_FOUND`` ``SSN_FOUND`` ``NOT_FOUND`` ``WRONG_SSN`` ``INVALID`` ``LOCKED``
``UNAVAILABLE``."""

NOTICE_STATUS: Final = "CB_NOTICE_STATUS"
"""``NONE`` ``NOTICE`` ``UNAVAILABLE``."""
NOTICE: Final = "CB_NOTICE"
"""Sound to play, an absolute path without extension."""

UNAVAILABLE: Final = "UNAVAILABLE"
"""The status of every question that could not be answered."""
