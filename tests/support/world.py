"""``given``: the words in which a telephone test says what is there, and what must come of it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from typing import Any, Protocol

import redis

from cordboard import keys
from cordboard.agent_state import Event, State
from cordboard.settings import Settings
from cordboard.sipp import Caller, Exchange, Party, Phone, Switch, eventually
from cordboard.sipp.scenario import Manner
from support.agent import Agent
from support.callbacks import Callback
from support.database import Database, Json
from support.people import (
    ACCOUNT_LINE,
    ACCOUNT_PROMPT,
    CUSTOMER_LINE,
    EVERYBODY,
    SSN_PROMPT,
    WELCOME,
    Person,
)
from support.scene import renew_offers


class Named(Protocol):
    """A call that has an id."""

    def call_id(self) -> str:
        """Our id of the call."""


class Given:
    """Callers, agents and settings of one test; all of it is undone at its end."""

    def __init__(self, settings: Settings, database: Database, live: redis.Redis) -> None:
        self.settings = settings
        self.database = database
        self.redis = live
        self.switch = Switch(settings)
        self._exchange = Exchange(settings)
        self._end = ExitStack()
        self._agents: list[Agent] = []
        self._callers: list[Caller] = []
        for person in EVERYBODY:  # an offer that was accepted in another test is not made again
            renew_offers(database, person)

    # --- what is there -----------------------------------------------------------------------
    def agent(self, username: str, **behaviour: Any) -> Agent:
        """An available agent whose phone behaves so (see :class:`cordboard.sipp.Phone`)."""
        return self.agent_with_phone(username, **behaviour).be_available()

    def agent_with_phone(self, username: str, **behaviour: Any) -> Agent:
        """An agent who is not logged in, with a registered phone."""
        number = self.database.value("SELECT id FROM user_account WHERE username = %s", username)
        phone = Phone(self.settings, f"phone-{username}", **behaviour)
        agent = Agent(number, username, self.redis, phone)
        self._agents.append(agent)
        return agent.plug_in()

    def answering(self, number: str, **manner: Any) -> Party:
        """Somebody who is called over the trunk, and does so (see ``Manner``)."""
        return self._exchange.party(number, **manner)

    def everybody_else(self, **manner: Any) -> None:
        """Any number that is not ``answering`` exists, and does so (see ``Manner``)."""
        self._exchange.others = Manner(**manner)

    def network_opens(self) -> Exchange:
        """Whoever is ``answering`` can be called from now on."""
        return self._exchange if self._exchange.started else self._exchange.start()

    def call_back(self, number: str, subject: str = "ORDERS", **wish: Any) -> Callback:
        """A request to call this number now, which becomes a call."""
        self.network_opens()
        wish = {"number": number, "subject": subject, **wish}
        return Callback(self.database, self.redis, wish)

    def remote_agent(self, username: str) -> Agent:
        """An available agent who is called at a number; say before how it answers."""
        number = self.database.value("SELECT id FROM user_account WHERE username = %s", username)
        agent = Agent(number, username, self.redis, None)
        self._agents.append(agent)
        return agent.be_available()

    def staff_on_pause(self, username: str = "dario") -> Agent:
        """Somebody is logged in, so that callers wait at all, but takes no call now."""
        agent = self.agent_with_phone(username)
        agent.happen(Event.LOG_IN)
        agent.becomes(State.PAUSED)
        return agent

    def crew(self, usernames: list[str]) -> list[Agent]:
        """Available agents who were only just written into the database."""
        self._tell_app("agents.changed")
        self._tell_app("phones.changed")
        for username in usernames:
            self._phone_is_known(f"phone-{username}")
        return [self.agent(username) for username in usernames]

    def _phone_is_known(self, device: str) -> None:
        eventually(lambda: self.switch.knows_phone(device), what=f"Asterisk knows {device}")

    def caller(self, did: str, ani: str = "", **more: Any) -> Caller:
        """Somebody who dials now; nothing is known yet of what comes of it."""
        caller = Caller(self.settings, did, ani, **more)
        self._callers.append(caller)
        return caller.dial()

    def call(self, did: str, ani: str = "", **more: Any) -> Caller:
        """A call that has been taken in and has an id."""
        caller = self.caller(did, ani, **more)
        caller.call_id()
        return caller

    def known_caller(self, person: Person) -> Caller:
        """A caller whose number we know, who cuts the welcome short."""
        call = self.call(CUSTOMER_LINE, person.phone)
        call.answer(WELCOME, "#")
        return call

    def verified_caller(self, person: Person) -> Caller:
        """A caller who keys account and SSN: offers of both kinds may be made."""
        call = self.call(ACCOUNT_LINE, person.phone)
        call.answer(ACCOUNT_PROMPT, f"{person.account}#")
        call.answer(SSN_PROMPT, f"{person.ssn}#")
        return call

    def changed(self, table: str, key: Json, **values: Any) -> None:
        """Until the end of the test, this row of the demo world has other values."""
        self._end.enter_context(self.database.changed(table, key, **values))

    def dialplan_variable(self, name: str, value: str) -> None:
        """Until the end of the test, this global variable of the dialplan has another value."""
        before = self.switch.global_variable(name)
        self._end.callback(self.switch.set_global_variable, name, before)
        self.switch.set_global_variable(name, value)

    def group(self, code: str, **values: Any) -> None:
        """Until the end of the test, this agent group works by other rules."""
        self._end.callback(self._tell_app, "agents.changed")
        self.changed("agent_group", {"code": code}, **values)
        self._tell_app("agents.changed")

    def rule(self, subject: str, **values: Any) -> None:
        """Until the end of the test, this subject of a talk link leads elsewhere, or otherwise."""
        self.changed("routing_rule", {"subject_code": subject}, **values)

    def strategy(self, person: Person, offers: dict[str, float]) -> None:
        """Until the end of the test, these offers are ranked for a customer, each with its p."""
        rows = self.database.rows(
            "SELECT id, code, value_cents FROM offer WHERE code = ANY (%s)", [*offers]
        )
        found = {row["code"]: row for row in rows}
        ids = [found[code]["id"] for code in offers]
        worth = [round(p * found[code]["value_cents"]) for code, p in offers.items()]
        key = {"customer_id": self.customer(person)}
        values = {"offers": ids, "p": [*offers.values()], "ev_cents": worth}
        self.changed("offer_strategy", key, **values)

    def customer(self, person: Person) -> int:
        """Id of a customer."""
        query = "SELECT customer_id FROM account WHERE number = %s"
        return int(self.database.value(query, person.account))

    def pages_change(self, page: Json, **values: Any) -> None:
        """Until the end of the test, a page of the shop is another; the app knows."""
        before = self.redis.get(keys.PAGES)
        self._end.callback(self._tell_app, "routing.changed")
        self.changed("page", page, **values)
        self._tell_app("routing.changed")
        eventually(lambda: self.redis.get(keys.PAGES) != before, what="the app has read the pages")

    def undone(self, undo: Callable[[], object]) -> None:
        """Do this at the end of the test."""
        self._end.callback(undo)

    def _tell_app(self, news: str) -> None:
        self.redis.xadd(keys.EVENTS, {"type": news, "data": "{}"})

    # --- what comes of it ----------------------------------------------------------------------
    def record(self, caller: Named) -> Json:
        """The call as the database has it now."""
        call = self.database.call(caller.call_id())
        assert call is not None, f"no call {caller.call_id()} in the database"
        return call

    def decision(self, caller: Named) -> Json:
        """What was decided for the call, once it is kept."""

        def look() -> Json:
            query = "SELECT * FROM decision WHERE call_id = %s"
            rows = self.database.rows(query, caller.call_id())
            assert len(rows) == 1, f"{len(rows)} decisions, timeline {self.timeline(caller)}"
            return rows[0]

        return eventually(look, what="the decision is kept")

    def becomes(self, caller: Named, within: float = 30.0, **expected: Any) -> Json:
        """Wait until the record has these values; answer it."""

        def look() -> Json:
            record = self.record(caller)
            found = {name: record[name] for name in expected}
            assert found == expected, f"{found}, timeline {self.timeline(caller)}"
            return record

        return eventually(look, within=within, what=f"the call becomes {expected}")

    def timeline(self, caller: Named) -> list[str]:
        """Names of what happened to the call."""
        return self.database.timeline(caller.call_id())

    def ended(self, caller: Caller, outcome: str, within: float = 20.0) -> Json:
        """The call is over: SIPp says so, and the database; answer the record."""
        assert caller.exit_code(within) == 0, caller.run.complaint()
        eventually(lambda: self.record(caller)["ended"], what="the end is recorded")
        return self.becomes(caller, outcome=outcome)

    # --- the end ---------------------------------------------------------------------------------
    def undo(self) -> None:
        """Leave the stack as it was found."""
        # Wrong numbers keyed in one test must not lock an account in another.
        self._end.callback(self.database.forget_verification_attempts)
        # The app may have lost a call's contact: then the request waits again.
        self._end.callback(self.database.take_requests_back)
        self._end.callback(self._agents_leave)
        self._end.callback(self._network_leaves)
        for caller in self._callers:  # undone in reverse: callers first, rows of the database last
            self._end.callback(caller.close)
        self._end.close()
        eventually(lambda: not self.redis.scard(keys.CALLS), what="no call is left")

    def _network_leaves(self) -> None:
        """Whoever was called hangs up, takes no more calls, and is not called again."""
        self.database.take_requests_back()
        for channel in self.switch.channels():
            if self._exchange.started and ".customer." in channel["id"]:
                self.switch.hang_up(channel["id"])
        self._exchange.close()

    def _agents_leave(self) -> None:
        with ExitStack() as leaving:
            for agent in self._agents:
                leaving.callback(agent.leave)
