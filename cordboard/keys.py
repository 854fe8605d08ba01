"""Names of all Redis keys, and what lives how long behind them.

Redis holds live state only: everything here can be rebuilt from Asterisk and PostgreSQL, except the
journal, which holds facts on their way to PostgreSQL and is trimmed only once they arrived.
"""

from __future__ import annotations

#: Set of the ids of all known agents; rebuilt when the app starts.
AGENTS = "cb:agents"
#: Set of the ids of live calls; an id leaves when its call is closed.
CALLS = "cb:calls"
#: Stream of everything that happened, for the app and the supervisor pages.
EVENTS = "cb:events"
#: Stream of facts that PostgreSQL has yet to store.
JOURNAL = "cb:journal"
#: Hash of SIP account -> digest of what Asterisk was given for it last; rebuilt when it is missing.
PHONES = "cb:phones"
#: JSON of agent groups and dialled numbers, for a start of the app while PostgreSQL is away.
DIRECTORY = "cb:directory"
#: JSON of the pages that agents can push, for the same.
PAGES = "cb:pages"

#: Stream of callback attempts that the worker hands to the app; an entry leaves when its call
#: began.
CALLBACKS = "cb:callbacks"

#: That the call of an attempt was begun is remembered for so long, seconds.
ATTEMPT_S = 24 * 3600

#: That a visitor was told of a change is remembered for so long, seconds.
TOLD_S = 60

#: ISO time of the newest change of an order that was told; without it the last hour is looked up.
ORDERS_TOLD = "cb:orders-told"
#: That a version of an order was told is remembered for so long, seconds.
ORDER_TOLD_S = 600

#: About how many entries a stream of events keeps; a reader further behind reloads its state.
EVENTS_MAXLEN = 10_000
DESK_MAXLEN = 1_000
VISITOR_MAXLEN = 200
ORDERS_MAXLEN = 500
#: A stream of orders outlives the last change by so long, seconds.
ORDERS_S = 24 * 3600
#: A visitor's stream, and what is known of the visitor's call, outlive the last event by so long,
#: seconds.
VISITOR_S = 24 * 3600
#: A visitor counts as present for so long after the last sign of a connected browser, seconds.
PRESENCE_S = 30
#: What a visitor typed is kept for so long, seconds.
DRAFT_S = 3600
#: That a form of the order pages was sent, and what was typed at the read-back, is kept for so
#: long, seconds.
STEP_S = 3600
TYPED_S = 24 * 3600


def agent(agent_id: int | str) -> str:
    """Hash of one agent's live state; rebuilt when the app starts."""
    return f"cb:agent:{agent_id}"


def call(call_id: str) -> str:
    """Hash of one live call: its step, and what the flow needs to go on after a crash."""
    return f"cb:call:{call_id}"


def queue(group_code: str) -> str:
    """Sorted set of the calls that wait for a group, in the order in which they are served."""
    return f"cb:queue:{group_code}"


def desk(agent_id: int | str) -> str:
    """Stream of events for one agent's desk, trimmed to about ``DESK_MAXLEN``."""
    return f"cb:desk:{agent_id}"


def web_session(session: str) -> str:
    """Hash of one log-in to the web pages; expires twelve hours after its last request."""
    return f"cb:web:session:{session}"


def web_bell(worker: str) -> str:
    """Stream by which one web worker wakes its own event reader; expires within an hour."""
    return f"cb:web:bell:{worker}"


def visitor(visitor_id: str) -> str:
    """Stream of events for one visitor's browsers; expires ``VISITOR_S`` after the last."""
    return f"cb:visitor:{visitor_id}"


def presence(visitor_id: str) -> str:
    """Sorted set of the visitor's connected pages, by time seen; expires after ``PRESENCE_S``."""
    return f"cb:presence:{visitor_id}"


def visitor_away(visitor_id: str) -> str:
    """Set when an agent was told that this visitor left; expires after ``VISITOR_S``."""
    return f"cb:visitor-away:{visitor_id}"


def talk_nonce(sid: str, nonce: str) -> str:
    """Id of the visitor who opened a talk link first; expires a day after the link."""
    return f"cb:nonce:{sid}:{nonce}"


def talk_draft(visitor_id: str) -> str:
    """JSON of what a visitor typed last and did not send; expires after ``DRAFT_S``."""
    return f"cb:draft:{visitor_id}"


def call_of_visitor(visitor_id: str) -> str:
    """Id of the visitor's live call; gone when the call ends, or ``VISITOR_S`` after it was set."""
    return f"cb:call-of:{visitor_id}"


def attempt(attempt_id: str) -> str:
    """Set when the app began the call of a callback attempt; expires after ``ATTEMPT_S``."""
    return f"cb:attempt:{attempt_id}"


def told(request: str, state: str, due_ms: int) -> str:
    """Set when a worker told the visitor of this change; expires after ``TOLD_S``."""
    return f"cb:told:{request}:{state}:{due_ms}"


def board(location_id: int | str) -> str:
    """Stream of what changes on one location's board; expires ``ORDERS_S`` after the last."""
    return f"cb:board:{location_id}"


def orders(subscriber_id: int | str) -> str:
    """Stream of changes of a subscriber's orders; expires ``ORDERS_S`` after the last."""
    return f"cb:orders:{subscriber_id}"


def client(customer_id: int | str) -> str:
    """Stream of changes of one client's orders; expires ``ORDERS_S`` after the last."""
    return f"cb:client:{customer_id}"


def order_told(order: str, version: int) -> str:
    """Set when a worker told this version of an order; expires after ``ORDER_TOLD_S``."""
    return f"cb:order-told:{order}:{version}"


def order_step(browser: str, form: str) -> str:
    """Set when a form of the order pages was sent; expires after ``STEP_S``."""
    return f"cb:order-step:{browser}:{form}"


def order_step_over(browser: str, form: str) -> str:
    """List with one entry once that form was dealt with; expires after ``STEP_S``."""
    return f"cb:order-step-over:{browser}:{form}"


def order_typed(browser: str) -> str:
    """JSON of what a client typed at the read-back; expires after ``TYPED_S``."""
    return f"cb:order-typed:{browser}"
