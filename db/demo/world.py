"""Subscribers, groups, hours, numbers and shops of the demo world, as data."""

from __future__ import annotations

from datetime import date, timedelta

from db.demo.tables import Tables

HALYARD, PANTRY = 1, 2

#: id, code, name, time zone
SUBSCRIBERS = [
    (HALYARD, "halyard", "Halyard Telecom", "America/New_York"),
    (PANTRY, "pantry", "Corner Pantry", "America/Chicago"),
]

SALES, SERVICE, ORDERS = 1, 2, 3

#: id, subscriber, code, name, disposition required
GROUPS = [
    (SALES, HALYARD, "halyard-sales", "Halyard Sales", False),
    (SERVICE, HALYARD, "halyard-service", "Halyard Service", True),
    (ORDERS, PANTRY, "pantry-orders", "Pantry Orders", False),
]

NEVER, HOLIDAY_DESK, SHOP_HOURS, OAK_HOURS, EVAN_HOURS = 1, 2, 3, 4, 5

#: id, subscriber, name, time zone, country whose holidays close it
SCHEDULES = [
    (NEVER, HALYARD, "Night desk (never open)", "America/New_York", None),
    (HOLIDAY_DESK, HALYARD, "Holiday desk (a holiday every day)", "America/New_York", None),
    (SHOP_HOURS, PANTRY, "Shop hours", "America/Chicago", "US"),
    (OAK_HOURS, PANTRY, "Oak Park hours", "America/Chicago", None),
    (EVAN_HOURS, PANTRY, "Evanston hours", "America/Chicago", "US"),
]

#: schedule, weekdays, opens and closes in minutes after midnight
HOURS = [
    (HOLIDAY_DESK, range(7), 0, 1440),
    (SHOP_HOURS, range(6), 8 * 60, 20 * 60),
    (OAK_HOURS, range(7), 7 * 60, 21 * 60),
    (EVAN_HOURS, range(6), 8 * 60, 20 * 60),
]

MAIN, HALYARD_MENU, BY_KEYS = "ivr-main", "ivr-halyard-menu", "ivr-order"

#: number, subscriber, name, menu, group, schedule (None is always open), identification
DIDS = [
    ("+12025550100", HALYARD, "Customer line", MAIN, SERVICE, None, "ani"),
    ("+12025550101", HALYARD, "Account line", MAIN, SERVICE, None, "account"),
    ("+12025550102", HALYARD, "Menu line", HALYARD_MENU, SERVICE, None, "ani"),
    ("+12025550103", HALYARD, "Night desk", MAIN, SERVICE, NEVER, "ani"),
    ("+12025550104", HALYARD, "Holiday desk", MAIN, SERVICE, HOLIDAY_DESK, "ani"),
    ("+12025550110", PANTRY, "Orders", MAIN, ORDERS, None, "ani"),
    ("+12025550111", PANTRY, "Orders, nothing asked", MAIN, ORDERS, None, "none"),
    ("+12025550112", PANTRY, "Shop line, shop hours", MAIN, ORDERS, SHOP_HOURS, "ani"),
    ("+12025550113", PANTRY, "Orders by keys", BY_KEYS, ORDERS, None, "ani"),
]

#: code, name, street, city, region, postcode, phone, latitude, longitude, schedule (None: any time)
LOCATIONS = [
    ("PANTRY-LOOP", "Corner Pantry Loop", "18 Lantern Court", "Chicago", "IL", "60601",
     "+13125550101", 41.88520, -87.62240, None),
    ("PANTRY-LAKE", "Corner Pantry Lakeside", "240 Gull Street", "Chicago", "IL", "60613",
     "+13125550102", 41.95400, -87.65500, None),
    ("PANTRY-OAK", "Corner Pantry Oak Park", "7 Linden Walk", "Oak Park", "IL", "60302",
     "+17085550103", 41.89390, -87.78940, OAK_HOURS),
    ("PANTRY-EVAN", "Corner Pantry Evanston", "91 Harbor Row", "Evanston", "IL", "60201",
     "+18475550104", 42.05360, -87.69470, EVAN_HOURS),
    ("PANTRY-NAPER", "Corner Pantry Naperville", "33 Mill Race", "Naperville", "IL", "60540",
     "+16305550105", 41.76310, -88.14790, None),
]  # fmt: skip

LOCATION_IDS = {code: id_ for id_, (code, *_) in enumerate(LOCATIONS, start=1)}

FIRST_HOLIDAY, LAST_HOLIDAY = date(2026, 1, 1), date(2036, 12, 31)


def fill(tables: Tables) -> None:
    """Everything of this module."""
    for id_, code, name, zone in SUBSCRIBERS:
        tables.add("subscriber", id=id_, code=code, name=name, timezone=zone, country="US")
    for group, subscriber, code, name, required in GROUPS:
        tables.add(
            "agent_group",
            id=group,
            subscriber_id=subscriber,
            code=code,
            name=name,
            disposition_required=required,
        )
    _fill_schedules(tables)
    for number, subscriber, name, menu, group, schedule, identify in DIDS:
        tables.add(
            "did",
            number=number,
            subscriber_id=subscriber,
            name=name,
            menu=menu,
            group_id=group,
            schedule_id=schedule,
            identify=identify,
        )
    _fill_locations(tables)


def _fill_schedules(tables: Tables) -> None:
    for schedule, subscriber, name, zone, country in SCHEDULES:
        tables.add(
            "schedule",
            id=schedule,
            subscriber_id=subscriber,
            name=name,
            timezone=zone,
            country=country,
        )
    for schedule, weekdays, opens, closes in HOURS:
        for weekday in weekdays:
            tables.add(
                "opening_hours",
                schedule_id=schedule,
                weekday=weekday,
                opens_minute=opens,
                closes_minute=closes,
            )
    for ahead in range((LAST_HOLIDAY - FIRST_HOLIDAY).days + 1):
        day = FIRST_HOLIDAY + timedelta(days=ahead)
        tables.add(
            "holiday",
            schedule_id=HOLIDAY_DESK,
            day=day,
            name="Founders' Day",
            prompt="holiday-founders-day",
        )


def _fill_locations(tables: Tables) -> None:
    for code, name, street, city, region, postcode, phone, latitude, longitude, hours in LOCATIONS:
        tables.add(
            "location",
            id=LOCATION_IDS[code],
            subscriber_id=PANTRY,
            code=code,
            name=name,
            street=street,
            city=city,
            region=region,
            postcode=postcode,
            phone=phone,
            timezone="America/Chicago",
            latitude=latitude,
            longitude=longitude,
            schedule_id=hours,
        )
