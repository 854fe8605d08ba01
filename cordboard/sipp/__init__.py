"""Callers and agents' phones made with SIPp, for the demo, the tests and the benchmarks.

SIPp does the signalling; sound and keyed digits are sent by :mod:`cordboard.sipp.media`, because
SIPp's own ``play_dtmf`` needs a raw socket, which an ordinary user does not have (ADR 0050).

* :class:`Caller` dials a number as the telephone network would, keys digits, hangs up.
* :class:`Phone` registers as an agent's phone and answers, rings, refuses or hangs up.
* :class:`Exchange` is the telephone network behind the trunk: whoever is called over it.
* :class:`Switch` tells where a call stands inside Asterisk, so that nobody has to guess and sleep.
"""

from __future__ import annotations

from cordboard.sipp.caller import Caller
from cordboard.sipp.exchange import Exchange, Party
from cordboard.sipp.phone import Phone
from cordboard.sipp.switch import Switch
from cordboard.sipp.waiting import Late, eventually

__all__ = ["Caller", "Exchange", "Late", "Party", "Phone", "Switch", "eventually"]
