"""The benchmarks' own people in the database of instance ``bench``: agents, phones, customers.

They belong to the demo world's subscriber ``halyard``, so that every prompt exists, but to groups
and lines of their own (``world.sql``). Making them again changes nothing.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from pathlib import Path

import psycopg

from bench.phones import PASSWORD
from cordboard.identity import hash_ssn
from cordboard.settings import Settings
from db.queries import Queries

#: Lines: into our ACD, into Asterisk's Queue() by the same IVR, and the short one of P2.
OURS_DID, PEER_DID, POP_DID = "+12025550190", "+12025550191", "+12025550192"
AGENTS = 640
CUSTOMERS = 200
FIRST_ACCOUNT, FIRST_SSN = 61_000_000, 970_000_000

#: Blocks of ``world.sql``, each of which needs those before it.
MADE_IN_ORDER = [
    "groups",
    "lines",
    "agents",
    "members",
    "phones",
    "offers",
    "customers",
    "accounts",
    "strategies",
]

sql = Queries(Path(__file__).parent)


@dataclass(frozen=True, slots=True)
class Agent:
    """An agent of the benchmarks; the desk's password is that of the demo world."""

    id: int
    username: str

    @property
    def phone(self) -> str:
        """Its SIP account."""
        return f"phone-{self.username}"


@dataclass(frozen=True, slots=True)
class Customer:
    """A customer with an account and an SSN, who calls from a number that nobody has."""

    number: int

    @property
    def account(self) -> str:
        """Account number."""
        return str(FIRST_ACCOUNT + self.number)

    @property
    def ssn(self) -> str:
        """Social security number; none that was ever issued begins with 9."""
        return str(FIRST_SSN + self.number)


def customers() -> list[Customer]:
    """All customers of the benchmarks."""
    return [Customer(number) for number in range(1, CUSTOMERS + 1)]


def populate(settings: Settings) -> list[Agent]:
    """Make what is missing; answer the agents: first the one of P2, then those of P1."""
    parameters = {
        "agents": AGENTS,
        "customers": CUSTOMERS,
        "realm": settings.sip_realm,
        "password": PASSWORD,
        "web": settings.web,
    }
    with psycopg.connect(settings.database) as connection, connection.cursor() as cursor:
        for name in MADE_IN_ORDER:
            cursor.execute(getattr(sql, name), parameters)
        cursor.executemany(sql.social_security_number, [_secret(c, settings) for c in customers()])
        return [Agent(*row) for row in cursor.execute(sql.everybody)]


def _secret(customer: Customer, settings: Settings) -> dict[str, object]:
    return {"n": customer.number, "hash": _hash(customer, settings), "last4": customer.ssn[-4:]}


def _hash(customer: Customer, settings: Settings) -> bytes:
    return hash_ssn(customer.ssn, settings.ssn_key.get_secret_value().encode())


def open_call(settings: Settings, *, dnis: str, customer: Customer) -> str:
    """A call of this customer as the database has it after the IVR, without any telephone."""
    call = str(uuid.uuid4())
    with psycopg.connect(settings.database, autocommit=True) as connection:
        connection.execute(sql.open_call, {"call": call, "dnis": dnis, "ani": "+12125550199"})
        connection.execute(sql.identify_call, {"call": call})
        for proof in (None, _hash(customer, settings)):
            keyed = {"call": call, "account": customer.account, "hash": proof}
            connection.execute(sql.verify_call, keyed)
    return call
