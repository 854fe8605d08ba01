"""A caller from the telephone network."""

from __future__ import annotations

from dataclasses import dataclass, field

from cordboard.settings import Settings
from cordboard.sipp import scenario
from cordboard.sipp.media import Media
from cordboard.sipp.process import SippRun
from cordboard.sipp.switch import Json, Switch
from cordboard.sipp.waiting import eventually

#: Address of the trunk; Asterisk knows it by this address alone.
TRUNK = "127.0.0.2"


@dataclass(slots=True)
class Caller:
    """Dials a number, keys digits, hangs up.

    Attributes:
        settings: the instance to call.
        did: the number to dial.
        ani: the caller's number.
        from_header: the whole From value instead, for hostile ones.
        refused_with: the final response expected instead of an answer, e.g. 404.
    """

    settings: Settings
    did: str
    ani: str = ""
    from_header: str = ""
    refused_with: int | None = None
    name: str = "caller"
    media: Media = field(init=False)
    run: SippRun = field(init=False)
    switch: Switch = field(init=False)
    _call: str = field(default="", init=False)

    def __post_init__(self) -> None:
        self.switch = Switch(self.settings)
        self.media = Media(TRUNK)
        sender = self.from_header or f"<sip:{self.ani or 'anonymous'}@{TRUNK}>"
        self.run = SippRun(
            scenario.caller(scenario.Dialled(self.did, sender), refused_with=self.refused_with),
            self.settings.run / "sipp",
            remote=f"127.0.0.1:{self.settings.port('sip')}",
            host=TRUNK,
            name=self.name,
            rtp_port=self.media.port,
        )

    def dial(self) -> Caller:
        """Send the INVITE."""
        self.run.start()
        return self

    @property
    def sip_call_id(self) -> str:
        """The dialogue's Call-ID."""
        return self.run.call_id

    def channel(self) -> Json | None:
        """The caller's channel in Asterisk, while it exists."""
        return self.switch.channel_of(self.sip_call_id)

    def place(self) -> str:
        """Where the caller is: context, application and its arguments; "" when gone."""
        channel = self.channel()
        if channel is None:
            return ""
        where = channel["dialplan"]
        return f"{where['context']} {where['app_name']}({where['app_data']})"

    def wait_for(self, part: str, within: float = 20.0) -> None:
        """Wait until the caller is at a place (:meth:`place`) that has ``part`` in its name."""
        eventually(
            lambda: part in self.place(),
            within=within,
            what=f"the caller is at {part!r}, not {self.place()!r}",
        )

    def call_id(self, within: float = 10.0) -> str:
        """Our id of this call."""
        if not self._call:
            self._call = eventually(self._ask_call_id, within=within, what="the call has an id")
        return self._call

    def _ask_call_id(self) -> str:
        channel = self.channel()
        return self.switch.variable(channel["id"], "CB_CALL_ID") if channel else ""

    def key(self, digits: str) -> None:
        """Key digits now."""
        self.media.key(digits)

    def answer(self, prompt: str, digits: str, within: float = 20.0) -> None:
        """Wait for a prompt, key digits into it, and see that they were taken."""
        self.wait_for(prompt, within)
        before = self._progress()
        self.key(digits)
        eventually(lambda: self._progress() != before, what=f"{prompt!r} takes {len(digits)} keys")

    def _progress(self) -> tuple[str, str]:
        """The place, and the how-manieth try it is: a prompt may follow itself."""
        channel = self.channel()
        return self.place(), self.switch.variable(channel["id"], "CB_TRY") if channel else ""

    def talks(self) -> bool:
        """Whether the call was answered and is not over."""
        methods = {message.method for message in self.run.messages()}
        return self.run.running and "ACK" in methods and "BYE" not in methods

    def refusal(self) -> str:
        """The last response if it refused the call, as ``404 Not Found``; else ""."""
        responses = [m.start for m in self.run.messages() if m.received and m.start[:4] == "SIP/"]
        status = responses[-1].partition(" ")[2] if responses else ""
        return status if status[:1] in ("4", "5", "6") else ""

    def hang_up(self) -> None:
        """Hang up now, or as soon as the call is answered."""
        eventually(
            lambda: not self.run.running or self._answered(), what="a call to hang up is answered"
        )
        self.run.nudge(self.sip_call_id)

    def _answered(self) -> bool:
        return any(message.method == "ACK" for message in self.run.messages())

    def exit_code(self, within: float = 20.0) -> int:
        """SIPp's verdict once the call is over: 0 when it went as the scenario says."""
        return self.run.wait(within)

    def close(self) -> None:
        """Leave nothing behind: hang up if still talking, end SIPp and the media."""
        try:
            if self.run.running:
                self.hang_up()
                self.run.wait(5)
        except AssertionError:
            if channel := self.channel():
                self.switch.hang_up(channel["id"])
        finally:
            self.run.kill()
            self.media.close()
