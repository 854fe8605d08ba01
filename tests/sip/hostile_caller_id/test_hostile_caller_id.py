"""Caller IDs that mean harm: the caller is served as a stranger, and nothing else happens."""

from __future__ import annotations

from pathlib import Path

from support.people import ACCOUNT_LINE, ACCOUNT_PROMPT
from support.world import Given

TRUNK = "127.0.0.2"
#: What the injected commands would leave behind.
TRACE = Path("/tmp/cordboard-caller-id-was-run")

HOSTILE = {
    "anonymous": '"Anonymous" <sip:anonymous@anonymous.invalid>',
    "empty": f"<sip:{TRUNK}>",
    "300 digits": f"<sip:+{'1' * 300}@{TRUNK}>",
    "300 letters": f'"{"x" * 300}" <sip:{"x" * 300}@{TRUNK}>',
    "quotes": f'"Dana \\" Reed\' \\"" <sip:\'%22%22\'@{TRUNK}>',
    "line ends": f"<sip:%0d%0aX-CB-Verified:%20true%0d%0a@{TRUNK}>",
    "shell": f'"${{SHELL(touch {TRACE})}}" <sip:$%7BSHELL(touch%20{TRACE})%7D@{TRUNK}>',
    "dialplan": f'"${{CHANNEL(name)}},1)" <sip:1,1,Hangup()@{TRUNK}>',
    "sql": f"\"x'); DROP TABLE call; --\" <sip:1'%20OR%20'1'='1@{TRUNK}>",
    "agi": f'"x\\nSET VARIABLE CB_VERIFY_STATUS VERIFIED" <sip:200%20result=1@{TRUNK}>',
    "not ASCII": f'"Żółć 电话" <sip:%E7%94%B5@{TRUNK}>',
}


def test_every_caller_is_a_stranger(given: Given) -> None:
    given.staff_on_pause()
    calls = {}
    for what, sender in HOSTILE.items():
        calls[what] = given.call(ACCOUNT_LINE, from_header=sender)
    for call in calls.values():
        call.answer(ACCOUNT_PROMPT, "0")

    ava = given.agent("ava", ring_ms=None)
    for nth, (what, call) in enumerate(calls.items(), 1):
        data = ava.phone.rings(nth).custom()
        assert data["X-CB-Call-Id"] == call.call_id(), what
        assert data.get("X-CB-Verified", "false") == "false", what
        assert "X-CB-Ani" not in data, what
        assert all(len(value) <= 256 for value in data.values()), what
        call.hang_up()
        record = given.ended(call, "abandoned")
        assert record["customer"] is None, what
        assert record["verified"] is False, what
        assert record["ani"] is None, what
    assert not TRACE.exists(), "a caller ID was run as a command"
