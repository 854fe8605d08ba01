"""Who works there: agents with desk and phone accounts, a supervisor, an operator, the counters."""

from __future__ import annotations

import hashlib

from argon2 import PasswordHasher

from cordboard.identity import hash_pin
from cordboard.settings import Settings
from db.demo.tables import Tables
from db.demo.world import LOCATION_IDS, ORDERS, SALES, SERVICE

DESK_PASSWORD = "cordboard-demo"  # noqa: S105 - printed in the README; the demo world is no secret
PHONE_PASSWORD = "phone-demo"  # noqa: S105
#: By which every agent signs on to a call that asks for it.
PIN = "4711"

#: id, user name, name, groups with level (1 is rung first), skills with level
AGENTS = [
    (1, "ava", "Ava Lindqvist", {SALES: 1, SERVICE: 1}, {"es": 1, "fiber": 1}),
    (2, "ben", "Ben Carter", {SALES: 1, SERVICE: 1}, {"mobile": 1}),
    (3, "cleo", "Cleo Marsh", {SALES: 1, SERVICE: 2}, {"fiber": 2}),
    (4, "dario", "Dario Conti", {SALES: 2, SERVICE: 2}, {"mobile": 2}),
    (5, "emil", "Emil Novak", {SERVICE: 1}, {"fiber": 1}),
    (6, "fay", "Fay Okafor", {SERVICE: 1}, {"es": 1, "mobile": 2}),
    (7, "gus", "Gus Hartley", {ORDERS: 1}, {}),
    (8, "hana", "Hana Sato", {ORDERS: 1}, {"es": 2}),
]

#: Agents who are called at a number instead of a SIP phone: id, user name, name, groups, number.
REMOTE = [(11, "iris", "Iris Weld", {ORDERS: 9}, "+12025550191")]

#: id, user name, name, role
STAFF = [
    (9, "sofia", "Sofia Brandt", "supervisor"),
    (10, "olga", "Olga Petrov", "ops"),
]

#: Whoever runs the board of a location: id, user name, name, code of the location.
BOARDS = [
    (12, "loop", "Loop counter", "PANTRY-LOOP"),
    (13, "lake", "Lakeside counter", "PANTRY-LAKE"),
    (14, "oak", "Oak Park counter", "PANTRY-OAK"),
    (15, "evan", "Evanston counter", "PANTRY-EVAN"),
    (16, "naper", "Naperville counter", "PANTRY-NAPER"),
]


def fill(tables: Tables, settings: Settings) -> None:
    """Users, groups, skills and phones; all have the same passwords, all agents the same PIN.

    Raises:
        ValueError: ``CORDBOARD_SSN_KEY`` is empty, so that no PIN could be compared with it.
    """
    # One hash for all of them: hashing is slow on purpose.
    password = PasswordHasher().hash(DESK_PASSWORD, salt=b"demo-world-salt!")
    pin = hash_pin(PIN, settings.ssn_key.get_secret_value().encode())
    users = [(id_, username, name, "agent") for id_, username, name, *_ in AGENTS + REMOTE]
    boards = [(id_, username, name, "location") for id_, username, name, _ in BOARDS]
    for id_, username, name, role in users + STAFF + boards:
        tables.add(
            "user_account",
            id=id_,
            username=username,
            password_hash=password,
            display_name=name,
            role=role,
            pin_hash=pin if role == "agent" else None,
        )
    for id_, _, _, location in BOARDS:
        tables.add("location_staff", user_id=id_, location_id=LOCATION_IDS[location])
    for id_, username, _, groups, skills in AGENTS:
        _add_memberships(tables, id_, groups)
        for skill, level in skills.items():
            tables.add("agent_skill", user_id=id_, skill=skill, level=level)
        device = f"phone-{username}"
        digest = ha1(device, settings.sip_realm, PHONE_PASSWORD)
        tables.add("phone_device", user_id=id_, sip_username=device, ha1=digest, number=None)
    for id_, _, _, groups, number in REMOTE:
        _add_memberships(tables, id_, groups)
        tables.add("phone_device", user_id=id_, sip_username=None, ha1=None, number=number)


def _add_memberships(tables: Tables, user: int, groups: dict[int, int]) -> None:
    for group, level in groups.items():
        tables.add("group_member", group_id=group, user_id=user, level=level)


def ha1(username: str, realm: str, password: str) -> str:
    """What SIP digest authentication needs to know of a password (RFC 2617)."""
    return hashlib.md5(f"{username}:{realm}:{password}".encode()).hexdigest()  # noqa: S324
