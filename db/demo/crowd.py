"""Customers: the ones that README and tests call by name, and a crowd that is always the same.

All are fictional: numbers 555-0100 to 555-0199 and SSNs that begin with 9 belong to nobody, and
example.com takes no mail.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from cordboard.identity import hash_ssn
from db.demo.tables import Tables
from db.demo.world import HALYARD, PANTRY


@dataclass(frozen=True)
class Customer:
    """A customer with one account, as the tables want them; ``id`` is also the account's id."""

    id: int
    subscriber: int
    first_name: str
    last_name: str
    account: str
    ssn: str
    phone: str | None = None
    product: str = "Fiber 300"
    segment: str = "standard"
    language: str = "en"
    priority: int = 0
    since: date = date(2019, 4, 1)
    #: City, region and postcode; None: anywhere.
    home: tuple[str, str, str] | None = None

    @property
    def code(self) -> str:
        """The subscriber's own id of this customer."""
        return f"{'H' if self.subscriber == HALYARD else 'P'}{10000 + self.id}"


DANA, MARCUS, INES, PAUL, LENA, OTTO, PRIYA, ROSA, TOMAS = range(1, 10)

NAMED = [
    Customer(DANA, HALYARD, "Dana", "Reed", "40010001", "900110001", "+12125550140"),
    Customer(MARCUS, HALYARD, "Marcus", "Bell", "40010002", "900110002", None, "Mobile Plus"),
    Customer(INES, HALYARD, "Ines", "Ortega", "40010003", "900110003", "+12125550141"),
    Customer(PAUL, HALYARD, "Paul", "Ortega", "40010004", "900110004", "+12125550141", "Mobile"),
    Customer(LENA, HALYARD, "Lena", "Fox", "40010005", "900110005", "+12125550145"),
    Customer(OTTO, HALYARD, "Otto", "Lind", "40010006", "900110006", "+12125550146", "Mobile"),
    Customer(PRIYA, HALYARD, "Priya", "Nair", "40010007", "900110007", "+12125550147",
             "Fiber 1000", segment="gold", priority=9, since=date(2011, 9, 12)),
    Customer(ROSA, PANTRY, "Rosa", "Klein", "50010001", "900120001", "+13125550150", "Pantry Card",
             home=("Chicago", "IL", "60601")),
    Customer(TOMAS, PANTRY, "Tomas", "Vega", "50010002", "900120002", "+13125550151",
             "Pantry Card", language="es"),
]  # fmt: skip

#: How many more of each subscriber.
CROWD = {HALYARD: 520, PANTRY: 180}

#: Customers of the crowd that the service failure touches (and Lena Fox).
TOUCHED_EVERY = 25

FIRST_NAMES = [
    "Adele", "Amir", "Anya", "Boris", "Carla", "Chen", "Dalia", "Denis", "Edith", "Elias",
    "Farah", "Felix", "Greta", "Hugo", "Imani", "Ivan", "Jana", "Jonas", "Kaia", "Kofi", "Laila",
    "Liam", "Mara", "Milo", "Nadia", "Nils", "Olive", "Oscar", "Petra", "Quinn", "Rhea", "Rolf",
    "Selma", "Soren", "Tara", "Theo", "Uma", "Viktor", "Wanda", "Yusuf", "Zara", "Zeno",
]  # fmt: skip

LAST_NAMES = [
    "Abbott", "Bergstrom", "Castillo", "Dunmore", "Eastwick", "Farrow", "Galloway", "Hollis",
    "Ibarra", "Jansen", "Kestrel", "Larkin", "Moreau", "Nightingale", "Osei", "Pemberton",
    "Quill", "Ramirez", "Saito", "Thorne", "Underhill", "Vance", "Whitlock", "Xiong", "Yarrow",
    "Zimmer", "Ashdown", "Bellamy", "Corbin", "Delacroix", "Ellery", "Fenwick",
]  # fmt: skip

STREETS = [
    "Alder", "Birch", "Cedar", "Dogwood", "Elm", "Foxglove", "Garnet", "Heron", "Iris", "Juniper",
    "Kingfisher", "Larch", "Meadow", "Nutmeg", "Orchard", "Pebble",
]  # fmt: skip

CITIES = {
    HALYARD: [("Brightwater", "NY", "00501"), ("Port Ellery", "NJ", "00502"),
              ("Stonebridge", "CT", "00503"), ("Marlow Falls", "PA", "00504")],
    PANTRY: [("Chicago", "IL", "60601"), ("Evanston", "IL", "60201"),
             ("Naperville", "IL", "60540")],
}  # fmt: skip

AREA_CODES = {
    HALYARD: [201, 203, 215, 267, 315, 347, 412, 516, 585, 607, 631, 646, 716, 845, 856, 860, 908,
            914, 917],
    PANTRY: [217, 224, 309, 331, 618, 630, 708, 773, 815, 847],
}  # fmt: skip

PRODUCTS = {
    HALYARD: ["Fiber 300", "Fiber 600", "Fiber 1000", "Mobile", "Mobile Plus", "Home Phone"],
    PANTRY: ["Pantry Card", "Pantry Box", "Pantry Family"],
}


def fill(tables: Tables, ssn_key: bytes) -> list[Customer]:
    """Customers, accounts and phones; the list has all of them, the named ones first."""
    random = Random(1876)  # noqa: S311 - the same crowd each time
    customers = [*NAMED, *_crowd(random)]
    for one in customers:
        add_customer(tables, one, random, ssn_key)
    for one in customers:
        add_account(tables, one, one.id, one.account, random)
        if one.phone:
            tables.add("customer_phone", customer_id=one.id, number=one.phone)
    # Some have a second account: their number alone does not tell which one they call about.
    for extra, one in enumerate(customers[len(NAMED) :: 20], start=customers[-1].id + 1):
        add_account(tables, one, extra, f"{one.account[0]}003{extra:04}", random)
    return customers


def _crowd(random: Random) -> list[Customer]:
    crowd: list[Customer] = []
    for subscriber, count in CROWD.items():
        phones = [f"+1{area}55501{n:02}" for area in AREA_CODES[subscriber] for n in range(100)]
        random.shuffle(phones)
        for number in range(1, count + 1):
            shares = number % 10 == 0 and crowd[-1].phone is not None
            crowd.append(
                _stranger(random, subscriber, number, crowd[-1] if shares else None, phones)
            )
    return crowd


def _stranger(
    random: Random, subscriber: int, number: int, partner: Customer | None, phones: list[str]
) -> Customer:
    """One of the crowd; a partner has the same phone and the same name."""
    id_ = len(NAMED) + number + (CROWD[HALYARD] if subscriber == PANTRY else 0)
    phone = partner.phone if partner else phones.pop() if random.random() < 0.9 else None
    segment, priority = random.choices([("standard", 0), ("silver", 2), ("gold", 5)], [80, 15, 5])[
        0
    ]
    return Customer(
        id=id_,
        subscriber=subscriber,
        first_name=random.choice(FIRST_NAMES),
        last_name=partner.last_name if partner else random.choice(LAST_NAMES),
        account=f"{4 if subscriber == HALYARD else 5}002{number:04}",
        ssn=f"{900_200_000 + 37 * id_}",
        phone=phone,
        product=random.choice(PRODUCTS[subscriber]),
        segment=segment,
        language="es" if random.random() < 0.08 else "en",
        priority=priority,
        since=date(2008, 1, 1) + timedelta(days=random.randrange(6000)),
    )


def add_customer(tables: Tables, one: Customer, random: Random, ssn_key: bytes) -> None:
    """The row of a customer; where in the street is random."""
    anywhere = random.choice(CITIES[one.subscriber])
    city, region, postcode = one.home or anywhere
    tables.add(
        "customer",
        id=one.id,
        subscriber_id=one.subscriber,
        code=one.code,
        first_name=one.first_name,
        last_name=one.last_name,
        email=f"{one.first_name}.{one.last_name}.{one.id}@example.com".lower(),
        language=one.language,
        segment=one.segment,
        customer_since=one.since,
        street=f"{random.randrange(1, 400)} {random.choice(STREETS)} Street",
        city=city,
        region=region,
        postcode=postcode,
        priority=one.priority,
        ssn_hash=hash_ssn(one.ssn, ssn_key),
        ssn_last4=one.ssn[-4:],
    )


def add_account(tables: Tables, one: Customer, id_: int, number: str, random: Random) -> None:
    """The row of one of a customer's accounts."""
    tables.add(
        "account",
        id=id_,
        customer_id=one.id,
        subscriber_id=one.subscriber,
        number=number,
        product=one.product,
        status="active",
        balance_cents=random.randrange(0, 12_000),
    )
