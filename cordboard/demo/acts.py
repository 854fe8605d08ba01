"""The three callers. Each act is one call, told from top to bottom."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial

from cordboard.demo.browser import Desk
from cordboard.demo.story import Story
from cordboard.demo.world import Json, World
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
SERVICE_DECLINED = "DECLINED"
SERVICE_RESOLVED = "RESOLVED"

#: What the IVR may present while the story is told, and what it says.
ROUTER = "HAL-ROUTER"
ROUTER_TEXT = "{first_name}, we would like to send you a new router. It is free of charge."


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

    def presented_by_ivr(self, caller: Caller) -> None:
        """The IVR presents what no agent can now; the caller says yes by a key."""
        story, call_id = self.story, self.calls[-1]
        began = "offer.presentation_began"
        story.await_(
            "nobody is free to present an offer, so the IVR does",
            lambda: began in [event["name"] for event in self.world.timeline(call_id)],
        )
        story.await_("the caller hears it", caller.media.hears_something)
        self.desk.become_available()
        story.tell("meanwhile the agent comes on duty")
        caller.media.key("1")
        story.await_(
            "the caller presses 1, and it is stored as accepted",
            lambda: ("ivr", "accepted") in self.exposures(),
        )

    def exposures(self) -> list[tuple[str, str]]:
        """By which channel offers were presented in the current call, and what was answered."""
        found = self.world.call(self.calls[-1]).get("exposures", [])
        return [(row["channel"], row["outcome"]) for row in found]

    def ranked(self) -> None:
        """The desk shows the ranked offers, and the decision is stored with its reasons."""
        story, desk = self.story, self.desk
        decision = story.await_("the decision is stored", self.decision)
        offered = [entry for entry in decision["ranking"] if entry["state"] == "offered"]
        words = [" ".join(entry["words"].split()) for entry in decision["ranking"]]
        story.claim(f"with a reason for each of {len(words)} offers: {words[0]}", all(words))
        shown = desk.ranked()
        same = [words[at] in row for at, row in enumerate(shown)]
        story.claim("the desk shows the ranked ones with the same reasons", same and all(same))
        story.claim("each with p, value and EV as bars", desk.bars() == 3 * len(offered))
        why = decision["route"]["words"]
        story.claim(f"and why the call is here: {why}", why in desk.why_here())

    def decision(self) -> Json:
        """What was decided for the current call; {} before it is stored."""
        return self.world.decision(self.calls[-1])

    def found(self, name: str) -> None:
        """The agent looks the caller up; what was presented before is not offered again."""
        story, desk = self.story, self.desk
        desk.look_up(name)
        story.await_(
            f"the agent looks {name} up, and the card is hers", lambda: desk.caller == name
        )
        why = story.await_(
            "her list is there, and the offer that she took is not in it",
            lambda: desk.kept_out().get(ROUTER, ""),
        )
        story.claim(f"with its reason: {why}", "accepted" in why)
        desk.photograph(f"call-{len(self.calls)}-looked-up")
        if desk.is_lit("service"):
            self.dispose("service", SERVICE_RESOLVED)

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
    """Dana Reed calls from her own phone, before anybody is on duty: the IVR makes the offer."""
    story, desk = stage.story, stage.desk
    story.heading("First caller: known by her number, offered something by the IVR")
    story.tell(f"Dana Reed calls {CUSTOMER_LINE} from {DANA}; no agent is on duty yet")
    caller = stage.dial(CUSTOMER_LINE, DANA)
    caller.media.speak(1000)
    try:
        caller.answer(WELCOME, "#")
        story.tell("she is welcomed by name of the company, and cuts it short with #")
        stage.presented_by_ivr(caller)
        stage.ring("Dana Reed")
        story.claim(
            "the desk says what she answered", desk.answered_by_key().startswith("Said yes")
        )
        stage.answer("service")
        stage.ranked()
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
        stage.ranked()
        stage.present("sales", "Marcus")
        stage.dispose("sales", SALES_ACCEPTED)
        stage.present("service", "Marcus")
        stage.dispose("service", SERVICE_DECLINED)
        other = stage.desk.present_another("service")
        stage.story.claim(f"the agent presents {other!r} instead, by one press", other)
        stage.present("service", "Marcus")
        stage.dispose("service", SERVICE_ACCEPTED)
        stage.desk.write_note("Wants the technician on Friday morning.")
        stage.story.claim("the agent's note is stored", true=True)
        caller.hang_up()
        stage.wrap_up()
        stage.ended(caller)
    finally:
        caller.close()


def zero_for_a_person(stage: Stage) -> None:
    """Somebody keys what is no account, then presses 0; it is Dana Reed, whom the agent finds."""
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
        stage.found("Dana Reed")
        stage.story.tell("the agent ends the call")
        stage.phone.go_on()
        stage.wrap_up()
        stage.ended(caller)
    finally:
        caller.close()
