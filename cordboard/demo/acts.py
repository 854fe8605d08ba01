"""The three callers. Each act is one call, told from top to bottom."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial

from cordboard.demo.browser import Desk
from cordboard.demo.story import Story
from cordboard.demo.world import World
from cordboard.settings import Settings
from cordboard.sipp import Caller, Phone
from cordboard.sipp.messages import Message

CUSTOMER_LINE = "+12025550100"
ACCOUNT_LINE = "+12025550101"
DANA = "+12125550140"
STRANGER = "+12125550177"

#: Where the caller is asked, as ``Caller.wait_for`` sees it.
WELCOME = "prompts/welcome-halyard"
ACCOUNT_PROMPT = "Read(CB_ACCOUNT,"
SSN_PROMPT = "Read(CB_SSN,"

#: Disposition codes of the demo world.
SALES_ACCEPTED = "ACCEPTED"
SERVICE_ACCEPTED = "ACCEPTED"


@dataclass(slots=True)
class Stage:
    """Who plays: the agent's desk and phone, and what was captured of each call."""

    settings: Settings
    story: Story
    desk: Desk
    phone: Phone
    world: World
    calls: list[str] = field(default_factory=list)
    invites: list[Message] = field(default_factory=list)

    def dial(self, did: str, ani: str) -> Caller:
        """A caller dials; their call is remembered for the end."""
        caller = Caller(self.settings, did, ani)
        caller.dial()
        self.calls.append(caller.call_id())
        return caller

    def ring(self, name: str) -> None:
        """The agent's phone rings and the desk shows who calls, icons dark."""
        story, desk = self.story, self.desk
        nth = len(self.calls)
        story.await_(f"the desk shows {name!r}", lambda: name in desk.caller, within=40)
        story.await_("the agent's phone rings", lambda: len(self.phone.invites()) == nth)
        self.invites.append(self.phone.invites()[-1])
        dark = not desk.is_lit("sales") and not desk.is_lit("service")
        story.claim("while it rings both icons are dark", dark)
        desk.photograph(f"call-{nth}-ringing")

    def answer(self, *lit: str) -> None:
        """The agent answers, hears the announcement, and is put through; icons light."""
        story, desk = self.story, self.desk
        self.phone.go_on()
        story.await_("the agent hears the announcement", self.phone.media.hears_something)
        story.await_("the agent hears the caller", lambda: self.phone.media.hears(1000), within=30)
        for kind in ("sales", "service"):
            if kind in lit:
                story.await_(f"the {kind} icon is lit", partial(desk.is_lit, kind))
            else:
                story.claim(f"the {kind} icon stays dark", not desk.is_lit(kind))
        desk.photograph(f"call-{len(self.calls)}-connected")

    def present(self, kind: str, name: str) -> None:
        """The agent clicks a lit icon and reads the script."""
        title, script = self.desk.open_offer(kind, f"call-{len(self.calls)}-{kind}-script")
        self.story.claim(f"a click opens the {kind} offer {title!r}", title)
        self.story.claim(f"its script speaks of {name}", name in script)

    def dispose(self, kind: str, code: str) -> None:
        """The agent chooses a disposition, and it is in the database."""
        self.desk.choose(kind, code)
        self.story.await_(
            f"disposition {code} is stored for the {kind} offer",
            lambda: (kind, code) in self.dispositions(),
        )

    def dispositions(self) -> list[tuple[str, str]]:
        """What is stored for the current call."""
        found = self.world.call(self.calls[-1]).get("dispositions", [])
        return [(row["kind"], row["code"]) for row in found]

    def wrap_up(self) -> None:
        """The call is over; the agent finishes."""
        story, desk = self.story, self.desk
        story.await_("the desk is in wrap-up", desk.in_wrap_up)
        desk.photograph(f"call-{len(self.calls)}-wrap-up")
        desk.finish_wrap_up()
        story.claim("the agent is available again", true=True)

    def ended(self, caller: Caller) -> None:
        """The caller's side saw a call in good order, and the database has it answered."""
        self.story.claim("SIPp saw the call end in good order", caller.exit_code() == 0)
        self.story.await_(
            "the database has it as answered",
            lambda: self.world.call(self.calls[-1]).get("outcome") == "answered",
        )


def known_by_number(stage: Stage) -> None:
    """Dana Reed calls from her own phone: no digit is keyed."""
    stage.story.heading("First caller: known by her number")
    stage.story.tell(f"Dana Reed calls {CUSTOMER_LINE} from {DANA}")
    caller = stage.dial(CUSTOMER_LINE, DANA)
    caller.media.speak(1000)
    try:
        caller.answer(WELCOME, "#")
        stage.story.tell("she is welcomed by name of the company, and cuts it short with #")
        stage.ring("Dana Reed")
        stage.answer("service")
        stage.present("service", "Dana")
        stage.dispose("service", SERVICE_ACCEPTED)
        caller.hang_up()
        stage.wrap_up()
        stage.ended(caller)
    finally:
        caller.close()


def by_account_and_ssn(stage: Stage) -> None:
    """Marcus Bell calls from a number that nobody knows, and keys account number and SSN."""
    stage.story.heading("Second caller: account number and social security number")
    stage.story.tell(f"Marcus Bell calls {ACCOUNT_LINE} from {STRANGER}, a number nobody knows")
    caller = stage.dial(ACCOUNT_LINE, STRANGER)
    caller.media.speak(1000)
    try:
        caller.answer(ACCOUNT_PROMPT, "40010002#")
        stage.story.tell("he keys 40010002 # when asked for the account number")
        caller.answer(SSN_PROMPT, "900110002#")
        stage.story.tell("and nine digits and # when asked for the social security number")
        stage.ring("Marcus Bell")
        stage.answer("sales", "service")
        for kind, code in (("sales", SALES_ACCEPTED), ("service", SERVICE_ACCEPTED)):
            stage.present(kind, "Marcus")
            stage.dispose(kind, code)
        stage.desk.write_note("Wants the technician on Friday morning.")
        stage.story.claim("the agent's note is stored", true=True)
        caller.hang_up()
        stage.wrap_up()
        stage.ended(caller)
    finally:
        caller.close()


def zero_for_a_person(stage: Stage) -> None:
    """A stranger keys what is no account, then presses 0; the agent ends the call."""
    stage.story.heading("Third caller: wrong digits, then 0 for a person")
    stage.story.tell(f"somebody calls {ACCOUNT_LINE} from {STRANGER}")
    caller = stage.dial(ACCOUNT_LINE, STRANGER)
    caller.media.speak(1000)
    try:
        caller.answer(ACCOUNT_PROMPT, "99999999#")
        stage.story.tell("keys 99999999 #, which is nobody's account")
        caller.answer(ACCOUNT_PROMPT, "0")
        stage.story.tell("presses 0 when asked again")
        stage.ring("Unknown caller")
        stage.answer()
        stage.story.tell("the agent ends the call")
        stage.phone.go_on()
        stage.wrap_up()
        stage.ended(caller)
    finally:
        caller.close()
