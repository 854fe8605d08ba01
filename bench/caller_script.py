"""The SIPp scenario of many callers: who dials what, and what is logged for the keypad."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from cordboard.sipp import scenario

HEADERS = """\
Via: SIP/2.0/UDP [local_ip]:[local_port];branch=[branch]
From: <sip:[field0]@[local_ip]>;tag=[pid]-[call_number]
To: <sip:{did}@[remote_ip]:[remote_port]>[peer_tag_param]
Call-ID: [call_id]
Max-Forwards: 70
"""
INVITE = (
    "INVITE sip:{did}@[remote_ip]:[remote_port] SIP/2.0\n"
    + HEADERS.replace("[peer_tag_param]", "")
    + "CSeq: 1 INVITE\nContact: <sip:trunk@[local_ip]:[local_port]>\n"
    + f"Content-Type: application/sdp\nContent-Length: [len]\n\n{scenario.SDP}"
)
ACK = (
    "ACK sip:{did}@[remote_ip]:[remote_port] SIP/2.0\n" + HEADERS + "CSeq: 1 ACK\nContent-Length: 0"
)
ANSWERED = """\
<recv response="200"><action>
<ereg regexp="m=audio ([0-9]+)" search_in="body" assign_to="audio,port"/>
<log message="up [call_number] [field1] [field2] [$port]"/>
</action></recv>
<Reference variables="audio"/>"""
BYE = ACK.replace("ACK", "BYE").replace("CSeq: 1", "CSeq: 2")
OVER = '<nop><action><log message="down [call_number]"/></action></nop>'


@dataclass(frozen=True, slots=True)
class Line:
    """Who dials what, and keys when.

    Attributes:
        did: the number dialled.
        people: SIPp's ``-inf`` file: number, account, SSN of one caller a line.
        key_after_s: from the answer to the first digit of the account, seconds.
        key_between_s: from the last digit of the account to the first of the SSN, seconds.
        leave_after_s: the caller hangs up so long after the answer; None stays to the end.
    """

    did: str
    people: Path
    key_after_s: float
    key_between_s: float
    leave_after_s: float | None = None


def script(line: Line) -> str:
    """Dial, stay until Asterisk hangs up, or leave when it is time."""
    leave_ms = None if line.leave_after_s is None else round(line.leave_after_s * 1000)
    return scenario.scenario(
        "callers",
        scenario.send(INVITE.format(did=line.did), retrans=True),
        *(f'<recv response="{code}" optional="true"/>' for code in (100, 180, 183)),
        ANSWERED,
        scenario.send(ACK.format(did=line.did)),
        scenario.await_end("BYE", next_label="bye", nudged="leave", after_ms=leave_ms),
        scenario.label("bye"),
        OVER,
        scenario.send("SIP/2.0 200 OK\n" + scenario.REPLY_TO_LAST, next_label="end"),
        scenario.label("leave"),
        OVER,
        scenario.send(BYE.format(did=line.did), retrans=True),
        '<recv response="200"/>',
        scenario.label("end"),
    )
