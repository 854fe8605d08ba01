"""Clients of Corner Pantry who order again and again: the ones README and tests name, and others.

They come after the crowd, which therefore stays as it was. Numbers 555-0100 to 555-0199 belong to
nobody.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from random import Random

from psycopg.types.json import Jsonb

from cordboard.orders.basket import Basket, Line
from db.demo.crowd import CROWD, FIRST_NAMES, LAST_NAMES, NAMED, ROSA, Customer, add_account
from db.demo.crowd import add_customer as add_row
from db.demo.tables import Tables
from db.demo.world import LOCATION_IDS, PANTRY

#: Numbers that several clients call from: a family of three, an office of twelve.
FAMILY, OFFICE = "+13125550152", "+13125550156"

CHICAGO, LAKESIDE = ("Chicago", "IL", "60601"), ("Chicago", "IL", "60613")
NAPERVILLE, OAK_PARK = ("Naperville", "IL", "60540"), ("Oak Park", "IL", "60302")

WORKDAYS, WEEKEND, EVERY_DAY = range(5), (5, 6), range(7)


@dataclass(frozen=True)
class Habit:
    """What somebody orders on these weekdays (0 is Monday) at about this hour, that often.

    Attributes:
        hour: local time, 7.5 is half past seven.
        chance: that it is ordered on such a day.
        location: code.
    """

    lines: tuple[Line, ...]
    weekdays: range | tuple[int, ...]
    hour: float
    chance: float
    method: str = "pick_up"
    location: str = "PANTRY-LOOP"

    @property
    def basket(self) -> Basket:
        """What is ordered, as codes."""
        return Basket(self.lines, self.method, self.location)


LATTE = Line("LATTE", ("LARGE", "OAT"))
BREAD = Line("SOURDOUGH", ("SLICED",))
SOUP = Line("SOUP", ("BOWL",))
RYE = Line("RYE", ("UNCUT",))
BAGELS = Line("BAGEL", ("SESAME",), 6)
FLAT_WHITE = Line("FLAT-WHITE", ("WHOLE",))

#: Everything that the others choose from: workday mornings, lunches, weekends, now and then.
MORNINGS = [
    (LATTE,),
    (FLAT_WHITE, Line("CINNAMON-ROLL")),
    (Line("DRIP", ("LARGE",)), Line("BAGEL", ("PLAIN",))),
    (Line("CHAI", ("OAT",)),),
    (Line("COLD-BREW"), Line("CROISSANT")),
]
LUNCHES = [
    (SOUP, Line("BAGUETTE")),
    (Line("SALAD"),),
    (SOUP, Line("GREEN-TEA")),
    (Line("SALAD"), SOUP),
]
WEEKENDS = [
    (BREAD, Line("EGGS"), Line("BRIE")),
    (BAGELS, Line("CHEDDAR")),
    (RYE, Line("HONEY")),
    (Line("CROISSANT", (), 4), Line("LATTE", ("SMALL", "WHOLE"), 2)),
]
SELDOM = [
    (Line("BASKET-FRUIT", ("SMALL",)),),
    (Line("TRAY-SANDWICH", ("SERVES-8",)),),
    (Line("BASKET-CHEESE"),),
    (Line("BEANS", ("FILTER",)),),
]

FIRST = len(NAMED) + sum(CROWD.values()) + 1
NORA, MAX, IDA, GWEN, HANK, VERA = range(FIRST, FIRST + 6)
FIRST_IN_OFFICE = FIRST + 6
IN_OFFICE = [
    "Abel", "Bea", "Cora", "Dirk", "Ella", "Finn", "Gina", "Hal", "Inga", "Joel", "Kate", "Leo",
]  # fmt: skip
FIRST_OTHER = FIRST_IN_OFFICE + len(IN_OFFICE)
OTHERS = 40

#: How many customers the demo world has: ids are given from 1 on, these are the last.
EVERYBODY = FIRST_OTHER + OTHERS - 1

PEOPLE = [
    (NORA, "Nora", "Weiss", FAMILY, NAPERVILLE),
    (MAX, "Max", "Weiss", FAMILY, NAPERVILLE),
    (IDA, "Ida", "Weiss", FAMILY, NAPERVILLE),
    (GWEN, "Gwen", "Abel", "+13125550153", CHICAGO),
    (HANK, "Hank", "Moss", "+13125550154", LAKESIDE),
    (VERA, "Vera", "Lund", "+13125550155", CHICAGO),
    *(
        (FIRST_IN_OFFICE + place, name, "Tanner", OFFICE, CHICAGO)
        for place, name in enumerate(IN_OFFICE)
    ),
]

#: Hank's: what *1 and *12 order.
SPEED_DIALS = [
    (1, "Coffee and rolls", Basket((Line("DRIP", ("LARGE",), 2), Line("CINNAMON-ROLL", (), 2)),
                                   "pick_up", "PANTRY-LAKE")),
    (12, "Friday's sandwiches", Basket((Line("TRAY-SANDWICH", ("SERVES-16",)),), "delivery")),
]  # fmt: skip


def habits() -> dict[int, tuple[Habit, ...]]:
    """Who orders what when, by customer; the same each time."""
    known = {
        # At the same hour, so that the first is the usual one at any time of any day.
        ROSA: (
            Habit((LATTE, Line("CROISSANT")), EVERY_DAY, 7.5, 0.8),
            Habit((BREAD, Line("BRIE")), (4,), 7.75, 0.35),
            Habit((Line("BASKET-BRUNCH"),), (6,), 7.75, 0.35, "delivery"),
        ),
        NORA: (
            Habit((SOUP, Line("BAGUETTE")), WORKDAYS, 18.0, 0.55, "delivery", "PANTRY-NAPER"),
            Habit((BREAD, Line("EGGS")), (5,), 9.0, 0.7, location="PANTRY-NAPER"),
        ),
        MAX: (Habit((BAGELS, Line("CHEDDAR")), WEEKEND, 8.5, 0.7, location="PANTRY-NAPER"),),
        IDA: (Habit((Line("CHAI", ("OAT",)),), (2, 4), 16.0, 0.4, location="PANTRY-NAPER"),),
        GWEN: (Habit((RYE, Line("HONEY")), (0, 3), 11.0, 0.6),),
        HANK: (Habit((FLAT_WHITE,), WORKDAYS, 8.0, 0.5, location="PANTRY-LAKE"),),
        # The loaf was on the list for most of these months, then it was withdrawn.
        VERA: (
            Habit((FLAT_WHITE, Line("PUMPKIN-LOAF")), EVERY_DAY, 8.25, 0.7),
            Habit((FLAT_WHITE, Line("CROISSANT")), EVERY_DAY, 8.25, 0.15),
        ),
    }
    for place in range(len(IN_OFFICE)):
        lunch = Habit(LUNCHES[place % len(LUNCHES)], WORKDAYS, 12.0, (12 - place) / 24)
        known[FIRST_IN_OFFICE + place] = (lunch,)
    return {**known, **_others()}


def _others() -> dict[int, tuple[Habit, ...]]:
    random = Random(1883)  # noqa: S311 - the same people each time
    locations = [*LOCATION_IDS, "PANTRY-LOOP"]
    found = {}
    for id_ in range(FIRST_OTHER, FIRST_OTHER + OTHERS):
        where = random.choice(locations)
        chosen = [
            Habit(random.choice(MORNINGS), WORKDAYS, random.uniform(7, 9.5), _chance(random)),
            Habit(random.choice(LUNCHES), (random.randrange(5),), 12.5, _chance(random)),
            Habit(random.choice(WEEKENDS), (random.choice(WEEKEND),), 10.0, _chance(random)),
        ]
        now_and_then = Habit(random.choice(SELDOM), EVERY_DAY, random.uniform(10, 17), 0.02)
        found[id_] = tuple(
            replace(one, method=random.choice(["pick_up", "pick_up", "delivery"]), location=where)
            for one in [*random.sample(chosen, random.randint(1, 3)), now_and_then]
        )
    return found


def _chance(random: Random) -> float:
    return random.uniform(0.3, 0.9)


def fill(tables: Tables, ssn_key: bytes) -> list[Customer]:
    """The customers with accounts, numbers, preferences and speed dials; Rosa is there already."""
    random = Random(1884)  # noqa: S311
    clients = [*_named(), *_strangers(random)]
    for one in clients:
        add_row(tables, one, random, ssn_key)
        if one.id % 3 or one.id < FIRST_OTHER:  # the others pay when they get it
            add_account(tables, one, 1000 + one.id, one.account, random)
        tables.add("customer_phone", customer_id=one.id, number=one.phone)
    tables.add(
        "preference",
        customer_id=GWEN,
        no_automation=True,
        no_automation_origin="client",
        location_id=None,
    )
    tables.add(
        "preference",
        customer_id=HANK,
        no_automation=False,
        no_automation_origin=None,
        location_id=LOCATION_IDS["PANTRY-LAKE"],
    )
    for digits, name, basket in SPEED_DIALS:
        tables.add(
            "speed_dial",
            customer_id=HANK,
            digits=digits,
            name=name,
            basket=Jsonb(basket.as_json()),
        )
    return clients


def _named() -> list[Customer]:
    return [_client(id_, first, last, phone, home) for id_, first, last, phone, home in PEOPLE]


def _strangers(random: Random) -> list[Customer]:
    homes = [CHICAGO, LAKESIDE, NAPERVILLE, OAK_PARK, ("Evanston", "IL", "60201")]
    return [
        _client(
            FIRST_OTHER + place,
            random.choice(FIRST_NAMES),
            random.choice(LAST_NAMES),
            f"+187255501{place:02}",
            random.choice(homes),
        )
        for place in range(OTHERS)
    ]


def _client(
    id_: int, first_name: str, last_name: str, phone: str, home: tuple[str, str, str]
) -> Customer:
    return Customer(
        id=id_,
        subscriber=PANTRY,
        first_name=first_name,
        last_name=last_name,
        account=f"5004{id_:04}",
        ssn=f"{900_300_000 + id_}",
        phone=phone,
        product="Pantry Card",
        home=home,
    )
