"""SIPp scenarios, put together from small blocks.

A running scenario is told to go on by a SIP ``MESSAGE`` with its Call-ID (the *nudge* of
``process.SippRun``): a phone that rings then answers, a call that talks then hangs up. So the
caller hangs up when the test has seen what it waited for, not after a time that somebody guessed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

#: What a leg offers or accepts: μ-law, and keyed digits as events (RFC 4733).
SDP = """\
v=0
o=- 1 1 IN IP4 [local_ip]
s=-
c=IN IP4 [local_ip]
t=0 0
m=audio [rtp_port] RTP/AVP 0 101
a=rtpmap:0 PCMU/8000
a=rtpmap:101 telephone-event/8000
a=fmtp:101 0-16
a=ptime:20
a=sendrecv"""

#: Headers of an INVITE that later messages of the dialogue repeat, and the variables they live in.
KEPT = {"via": "Via:", "from": "From:", "to": "To:", "cseq": "CSeq:", "contact": "Contact:"}

#: In place of ``[last_…]``, which a MESSAGE or a CANCEL would have overwritten.
REPLY_TO_INVITE = """\
Via:[$via]
From:[$from]
To:[$to];tag=[pid]-[call_number]
Call-ID: [call_id]
CSeq:[$cseq]
Contact: <sip:[local_ip]:[local_port]>"""

REPLY_TO_LAST = """\
[last_Via:]
[last_From:]
[last_To:]
[last_Call-ID:]
[last_CSeq:]
Content-Length: 0"""


def scenario(name: str, *blocks: str) -> str:
    """The whole scenario file."""
    body = "\n".join(blocks)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE scenario SYSTEM "sipp.dtd">\n'
        f'<scenario name="{name}">\n{body}\n</scenario>\n'
    )


def send(message: str, *, retrans: bool = False, next_label: str = "") -> str:
    """Send a message; ``retrans`` repeats it until it is answered, as UDP needs."""
    options = (' retrans="500"' if retrans else "") + (
        f' next="{next_label}"' if next_label else ""
    )
    return f"<send{options}><![CDATA[\n\n{message}\n\n]]></send>"


def label(name: str) -> str:
    """A place to which ``next`` jumps."""
    return f'<label id="{name}"/>'


def await_end(request: str, *, next_label: str, nudged: str, after_ms: int | None) -> str:
    """Wait for ``request``; a nudge, or ``after_ms`` without it, goes to the label ``nudged``."""
    timer = "" if after_ms is None else f' timeout="{max(after_ms, 1)}" ontimeout="{nudged}"'
    return (
        # SIPp runs the timer of the message it stands at, which is the optional one.
        f'<recv request="MESSAGE" optional="true" next="{nudged}"{timer}/>\n'
        f'<recv request="{request}" next="{next_label}"/>'
    )


@dataclass(frozen=True, slots=True)
class Dialled:
    """What the INVITE of a caller says.

    Attributes:
        did: the number dialled.
        from_header: value of From without its tag, as the trunk would send it.
        extra: further header lines, each ended by a line end.
    """

    did: str
    from_header: str
    extra: str = ""


def caller(dialled: Dialled, *, refused_with: int | None = None) -> str:
    """Dial, talk until the other side or a nudge ends it; or be refused with that response."""
    dial = (
        send(_invite(dialled), retrans=True),
        '<recv response="100" optional="true"/>',
        '<recv response="180" optional="true"/>',
        '<recv response="183" optional="true"/>',
    )
    acknowledge = send(_request(dialled, "ACK", 1))
    if refused_with:
        # The ACK of a refusal belongs to the INVITE's own transaction.
        same = acknowledge.replace("[branch]", "[branch-5]")
        return scenario("caller", *dial, f'<recv response="{refused_with}"/>', same)
    return scenario(
        "caller",
        *dial,
        '<recv response="200"/>',
        acknowledge,
        await_end("BYE", next_label="bye", nudged="hang_up", after_ms=None),
        label("bye"),
        send("SIP/2.0 200 OK\n" + REPLY_TO_LAST, next_label="end"),
        label("hang_up"),
        send(_request(dialled, "BYE", 2), retrans=True),
        '<recv response="200"/>',
        label("end"),
    )


def _invite(dialled: Dialled) -> str:
    return f"""\
INVITE sip:{dialled.did}@[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/UDP [local_ip]:[local_port];branch=[branch]
From: {dialled.from_header};tag=[pid]-[call_number]
To: <sip:{dialled.did}@[remote_ip]:[remote_port]>
Call-ID: [call_id]
CSeq: 1 INVITE
Contact: <sip:trunk@[local_ip]:[local_port]>
{dialled.extra}Max-Forwards: 70
Content-Type: application/sdp
Content-Length: [len]

{SDP}"""


def _request(dialled: Dialled, method: str, cseq: int) -> str:
    """A later request of the caller's dialogue."""
    return f"""\
{method} sip:{dialled.did}@[remote_ip]:[remote_port] SIP/2.0
CSeq: {cseq} {method}
Via: SIP/2.0/UDP [local_ip]:[local_port];branch=[branch]
From: {dialled.from_header};tag=[pid]-[call_number]
To: <sip:{dialled.did}@[remote_ip]:[remote_port]>[peer_tag_param]
Call-ID: [call_id]
Max-Forwards: 70
Content-Length: 0"""


@dataclass(frozen=True, slots=True)
class Manner:
    """What one who is called does with each call.

    Attributes:
        ring_ms: rings so long before it answers (or refuses); None rings until nudged.
        refuse_with: final response to give instead of answering, e.g. 486.
        talk_ms: hangs up so long after it answered; None talks until nudged or hung up on.
        number: the number it is called at, for one of many behind a trunk.
        rtp_port: where its sound goes; 0 is the run's own.
    """

    ring_ms: int | None = 0
    refuse_with: int | None = None
    talk_ms: int | None = None
    number: str = ""
    rtp_port: int = 0


def phone(*, ring_ms: int | None, refuse_with: int | None, talk_ms: int | None) -> str:
    """An agent's phone, for any number of calls; see :class:`Manner`."""
    return scenario(
        "phone",
        '<recv request="OPTIONS" optional="true" next="options"/>',
        _take_invite(),
        *_answer("", Manner(ring_ms, refuse_with, talk_ms)),
        label("options"),
        send("SIP/2.0 200 OK\n" + REPLY_TO_LAST),
        label("end"),
        '<Reference variables="contact,target"/>',
    )


def exchange(manners: Sequence[Manner], others: Manner | None = None) -> str:
    """The telephone network behind a trunk: each number in its manner, all others in theirs.

    Without ``others`` every other number is unknown.
    """
    actions = "\n".join(
        # + means something in a pattern, but not in brackets.
        f'<ereg regexp="^INVITE sip:{m.number.replace("+", "[+]")}@" search_in="msg" '
        f'check_it="false" assign_to="is{n}"/>'
        for n, m in enumerate(manners)
    )
    parts = [
        _take_invite(actions),
        *(f'<nop next="party{n}" test="is{n}"/>' for n in range(len(manners))),
        *(_answer("others", others) if others else (_refuse(404),)),
    ]
    for n, manner in enumerate(manners):
        parts += [label(f"party{n}"), *_answer(f"{n}", manner)]
    return scenario("exchange", *parts, label("end"), '<Reference variables="contact,target"/>')


def _take_invite(actions: str = "") -> str:
    """Receive an INVITE and keep what later messages repeat of it."""
    keep = "\n".join(
        f'<ereg regexp=".*" search_in="hdr" header="{header}" assign_to="{name}"/>'
        for name, header in KEPT.items()
    )
    uri = '<ereg regexp="sip:[^>;]*" search_in="hdr" header="Contact:" assign_to="target"/>'
    return f'<recv request="INVITE"><action>\n{keep}\n{uri}\n{actions}\n</action></recv>'


def _refuse(status: int) -> str:
    return (
        send(f"SIP/2.0 {status} No\n{REPLY_TO_INVITE}\nContent-Length: 0", retrans=True)
        + '\n<recv request="ACK" next="end"/>'
    )


def _answer(mark: str, manner: Manner) -> tuple[str, ...]:
    """Ring, answer or refuse, talk, hang up; ``mark`` tells the labels of several apart."""
    sdp = SDP.replace("[rtp_port]", str(manner.rtp_port)) if manner.rtp_port else SDP
    ok = f"SIP/2.0 200 OK\n{REPLY_TO_INVITE}\nContent-Type: application/sdp\n"
    answer = (
        _refuse(manner.refuse_with)
        if manner.refuse_with
        else send(f"{ok}Content-Length: [len]\n\n{sdp}", retrans=True) + '\n<recv request="ACK"/>'
    )
    bye = """\
BYE [$target] SIP/2.0
Via: SIP/2.0/UDP [local_ip]:[local_port];branch=[branch]
From:[$to];tag=[pid]-[call_number]
To:[$from]
Call-ID: [call_id]
CSeq: 1 BYE
Max-Forwards: 70
Content-Length: 0"""
    at = {name: f"{name}{mark}" for name in ("cancelled", "answer", "bye", "hang_up")}
    return (
        send(f"SIP/2.0 180 Ringing\n{REPLY_TO_INVITE}\nContent-Length: 0"),
        await_end(
            "CANCEL", next_label=at["cancelled"], nudged=at["answer"], after_ms=manner.ring_ms
        ),
        label(at["answer"]),
        answer,
        await_end("BYE", next_label=at["bye"], nudged=at["hang_up"], after_ms=manner.talk_ms),
        label(at["bye"]),
        send("SIP/2.0 200 OK\n" + REPLY_TO_LAST, next_label="end"),
        label(at["hang_up"]),
        send(bye, retrans=True),
        '<recv response="200" next="end"/>',
        label(at["cancelled"]),
        send("SIP/2.0 200 OK\n" + REPLY_TO_LAST),
        send(f"SIP/2.0 487 Request Terminated\n{REPLY_TO_INVITE}\nContent-Length: 0", retrans=True),
        '<recv request="ACK" next="end"/>',
    )


def register(username: str, password: str, contact: str, expires_s: int) -> str:
    """Register (or, with 0 seconds, take back the registration of) an agent's phone."""
    first = f"""\
REGISTER sip:[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/UDP [local_ip]:[local_port];branch=[branch]
From: <sip:{username}@[remote_ip]>;tag=[pid]-[call_number]
To: <sip:{username}@[remote_ip]>
Call-ID: [call_id]
CSeq: {{cseq}} REGISTER
Contact: <{contact}>
Max-Forwards: 70
Expires: {expires_s}
{{authorization}}Content-Length: 0"""
    proof = f"[authentication username={username} password={password}]\n"
    return scenario(
        "register",
        send(first.format(cseq=1, authorization=""), retrans=True),
        '<recv response="401" auth="true"/>',
        send(first.format(cseq=2, authorization=proof), retrans=True),
        '<recv response="200"/>',
    )
