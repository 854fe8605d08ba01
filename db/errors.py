"""The errors that SQL functions raise on purpose, as exceptions.

A function raises with an SQLSTATE of class ``CB``; :func:`named_errors` turns it into the exception
of that name, with the function's message::

    with named_errors():
        conn.execute(sql.record_disposition, {...})
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg


class DatabaseRefusal(Exception):
    """The database refused, for a reason that a person can be told.

    Attributes:
        detail: what a program needs besides, as the class says; mostly empty.
    """

    sqlstate = ""
    detail = ""


class UnknownCall(DatabaseRefusal):
    """There is no such call."""

    sqlstate = "CB001"


class NotYourCall(DatabaseRefusal):
    """The call is another agent's."""

    sqlstate = "CB002"


class UnknownCode(DatabaseRefusal):
    """The disposition code is not one of this subscriber and kind."""

    sqlstate = "CB003"


class CallClosed(DatabaseRefusal):
    """The call is closed and what was recorded for it stands."""

    sqlstate = "CB004"


class KeyReused(DatabaseRefusal):
    """The idempotency key was used for something else."""

    sqlstate = "CB005"


class UnknownCustomer(DatabaseRefusal):
    """The customer is not one of this call's subscriber."""

    sqlstate = "CB006"


class IllegalTransition(DatabaseRefusal):
    """A call or an offer cannot go from its state to that one."""

    sqlstate = "CB007"


class OfferNotAttached(DatabaseRefusal):
    """The offer is not attached to the call."""

    sqlstate = "CB008"


class BadJournalEntry(DatabaseRefusal):
    """The journal entry is none that can be applied."""

    sqlstate = "CB009"


class TooManySecrets(DatabaseRefusal):
    """The subscriber has two live secrets already."""

    sqlstate = "CB010"


class UnknownTarget(DatabaseRefusal):
    """A call request names a subject, a visitor or an agent that its subscriber does not have."""

    sqlstate = "CB011"


class UnknownRequest(DatabaseRefusal):
    """There is no such call request."""

    sqlstate = "CB012"


class RequestOver(DatabaseRefusal):
    """The call request is in a state in which this cannot be done any more."""

    sqlstate = "CB013"


class OfferWithdrawn(DatabaseRefusal):
    """The offer was withdrawn, so it is not presented any more."""

    sqlstate = "CB014"


class OfferReplaced(DatabaseRefusal):
    """Another offer of the kind has taken the place of the one that was spoken of."""

    sqlstate = "CB015"


class UnknownDelivery(DatabaseRefusal):
    """There is no such webhook delivery."""

    sqlstate = "CB030"


class DeliveryNotDead(DatabaseRefusal):
    """The webhook delivery is not dead, so there is nothing to replay."""

    sqlstate = "CB031"


class UnknownPage(DatabaseRefusal):
    """That is not a page which the subscriber has, or it is switched off."""

    sqlstate = "CB040"


class NoVisitor(DatabaseRefusal):
    """There is no web session that a page could be shown to."""

    sqlstate = "CB041"


class DraftHeld(DatabaseRefusal):
    """Somebody else works on this draft."""

    sqlstate = "CB050"


class PriceChanged(DatabaseRefusal):
    """The order costs something else than what was read back; ``detail`` is the total, cents."""

    sqlstate = "CB051"


class OrderChanged(DatabaseRefusal):
    """Somebody else has changed the order since it was looked at; look at it again."""

    sqlstate = "CB052"


class UnknownOrder(DatabaseRefusal):
    """There is no such order."""

    sqlstate = "CB053"


class OrderOver(DatabaseRefusal):
    """The order is in a state, or it is too late, in which this cannot be done any more."""

    sqlstate = "CB054"


class BadOrder(DatabaseRefusal):
    """That cannot be ordered as it is; the message says what is missing or is not sold."""

    sqlstate = "CB055"


class EnrolmentTaken(DatabaseRefusal):
    """The enrolment is typed already, or another agent types it."""

    sqlstate = "CB056"


class LocationCannotServe(DatabaseRefusal):
    """The location does not take this order now; the message says why."""

    sqlstate = "CB057"


class OrderPaid(DatabaseRefusal):
    """The order is paid: it may be cancelled, and then is paid back, but not be changed."""

    sqlstate = "CB058"


class PaybackTaken(DatabaseRefusal):
    """Another agent pays this back, or has; or it was not taken first."""

    sqlstate = "CB059"


REFUSALS = {cls.sqlstate: cls for cls in DatabaseRefusal.__subclasses__()}


@contextmanager
def named_errors() -> Iterator[None]:
    """Raise the exception that the SQLSTATE stands for; other errors pass as they are."""
    try:
        yield
    except psycopg.Error as error:
        refusal = REFUSALS.get(error.sqlstate or "")
        if refusal is None:
            raise
        raised = refusal(error.diag.message_primary or refusal.__doc__)
        raised.detail = error.diag.message_detail or ""
        raise raised from error
