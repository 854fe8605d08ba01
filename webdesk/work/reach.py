"""Which orders an agent's work lists reach: those of the agent's own companies."""

from __future__ import annotations

from uuid import UUID

from db.queries import sql
from webdesk import store
from webdesk.problems import Problem
from webdesk.services import services
from webdesk.sessions import me


def check_reach(order: UUID) -> None:
    """Whether the agent who asks may do something about it.

    Raises:
        Problem: 404, there is none, or it is another company's.
    """
    if store.one_row(services().pool, sql.order_of_agent, order=order, agent=me().id) is None:
        raise Problem(404, "no-such-order", "There is no such order. Go back to the list.")
