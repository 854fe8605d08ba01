"""What an agent does with a call: results, notes, offers, look-ups, wrap-up; what is refused."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable

import pytest
from flask import Flask

from support.database import Database
from support.people import ACCOUNT_LINE, DANA, LENA, MARCUS, OTTO, ROSA, Person
from support.scene import Scene, renew_offers
from support.web import Web

UNKNOWN = Person("", "", "")


@pytest.fixture
def call(web: Web, ava: Scene, database: Database) -> str:
    """Marcus Bell, by account and SSN, talks to ava."""
    renew_offers(database, MARCUS)
    web.enter(ava)
    web.post("/desk/agent/available")
    call = ava.ring(MARCUS, dnis=ACCOUNT_LINE, keyed=True)
    ava.connect(call)
    return call


def key() -> str:
    return uuid.uuid4().hex


def stored(database: Database, call: str) -> list[tuple[str, str]]:
    rows = database.rows(
        "SELECT kind::text, code FROM disposition WHERE call_id = %s AND replaced_at IS NULL"
        " ORDER BY kind",
        call,
    )
    return [(row["kind"], row["code"]) for row in rows]


def test_the_state_holds_the_call_with_its_offers(web: Web, call: str) -> None:
    card = web.get("/desk/state").json["call"]
    assert card["id"] == call
    assert card["state"] == "connected"
    assert card["verified"] is True
    assert card["identified_text"] == "account number and social security number"
    assert [offer["kind"] for offer in card["offers"]] == ["sales", "service"]
    assert all(offer["url"].startswith("http") for offer in card["offers"])
    assert card["required"] == ["sales", "service"]


def test_a_form_sent_twice_stores_once(web: Web, call: str, database: Database) -> None:
    code = web.get("/desk/state").json["call"]["codes"]["sales"][0]["code"]
    form = {"kind": "sales", "code": code, "key": key()}
    first = web.post(f"/desk/calls/{call}/dispositions", **form)
    second = web.post(f"/desk/calls/{call}/dispositions", **form)
    assert first.status_code == second.status_code == 200
    assert first.json == second.json
    assert stored(database, call) == [("sales", code)]
    assert database.timeline(call).count("disposition.recorded") == 1


def test_another_choice_replaces_the_first(web: Web, call: str, database: Database) -> None:
    codes = [c["code"] for c in web.get("/desk/state").json["call"]["codes"]["sales"]]
    for code in codes[:2]:
        web.post(f"/desk/calls/{call}/dispositions", kind="sales", code=code, key=key())
    assert stored(database, call) == [("sales", codes[1])]
    assert web.get("/desk/state").json["call"]["dispositions"] == {"sales": codes[1]}


def test_a_call_of_another_agent_is_refused_and_unchanged(
    app: Flask, call: str, ben: Scene, database: Database
) -> None:
    other = Web(app)
    other.enter(ben)
    answers = [
        other.post(f"/desk/calls/{call}/dispositions", kind="sales", code="ACCEPTED", key=key()),
        other.post(f"/desk/calls/{call}/note", body="mine now"),
        other.post(f"/desk/calls/{call}/lookup", by="name", q="dana"),
        other.post(f"/desk/calls/{call}/lookup/attach", by="name", q="dana", customer=1, key=key()),
        other.get(f"/desk/calls/{call}/history"),
        other.get(f"/offers/HAL-FIBER-BUNDLE?call={call}"),
        other.post(f"/desk/calls/{call}/offers/HAL-FIBER-BUNDLE/opened"),
    ]
    assert [answer.status_code for answer in answers] == [403] * 7
    assert answers[0].json["code"] == "not-your-call"
    assert stored(database, call) == []
    assert database.rows("SELECT body FROM call_note WHERE call_id = %s", call) == []


@pytest.mark.parametrize("nobodys", ["434f4457-9883-4e17-b642-b641405b91da", str(uuid.UUID(int=0))])
def test_a_call_that_does_not_exist_looks_like_a_foreign_one(
    web: Web, call: str, nobodys: str
) -> None:
    form = {"kind": "sales", "code": "ACCEPTED", "key": key()}
    assert web.post(f"/desk/calls/{nobodys}/dispositions", **form).status_code == 403


@pytest.mark.parametrize("rubbish", ["1", "x" * 36, "..%2f..", "' OR 1=1 --"])
def test_what_is_no_call_id_is_not_found(web: Web, call: str, rubbish: str) -> None:
    form = {"kind": "sales", "code": "ACCEPTED", "key": key()}
    assert web.post(f"/desk/calls/{rubbish}/dispositions", **form).status_code == 404


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("sales", "NOT-A-CODE"),
        ("sales", ""),
        ("sales", "'; DROP TABLE call; --"),
        ("system", "SYS_TIMEOUT"),
        ("", "ACCEPTED"),
        ("sales", "X" * 5000),
    ],
)
def test_a_code_that_is_not_on_the_list_is_refused(
    web: Web, call: str, database: Database, kind: str, code: str
) -> None:
    answer = web.post(f"/desk/calls/{call}/dispositions", kind=kind, code=code, key=key())
    assert answer.status_code == 422
    assert answer.json["code"] == "unknown-code"
    assert stored(database, call) == []


def test_a_form_without_its_key_is_refused(web: Web, call: str, database: Database) -> None:
    answer = web.post(f"/desk/calls/{call}/dispositions", kind="sales", code="ACCEPTED")
    assert answer.status_code == 422
    assert stored(database, call) == []


def test_a_key_counts_for_one_thing_only(web: Web, call: str) -> None:
    codes = web.get("/desk/state").json["call"]["codes"]
    used = key()
    for kind, status in (("sales", 200), ("service", 409)):
        code = codes[kind][0]["code"]
        url = f"/desk/calls/{call}/dispositions"
        assert web.post(url, kind=kind, code=code, key=used).status_code == status


def test_a_result_may_come_before_the_record_of_the_call(
    web: Web, ava: Scene, database: Database
) -> None:
    web.enter(ava)
    web.post("/desk/agent/available")
    call = ava.open_call(DANA, dnis="+12025550100")
    ava.offer(call, journal=False)
    code = web.get("/desk/state").json["call"]["codes"]["service"][0]["code"]

    def record() -> None:
        late_database = Database(ava.settings)
        late_database.value(ava.JOURNAL, ava.entry(call, agent=ava.agent))
        late_database.close()

    late = threading.Timer(0.3, record)
    late.start()
    began = time.monotonic()
    answer = web.post(f"/desk/calls/{call}/dispositions", kind="service", code=code, key=key())
    late.join()
    assert answer.status_code == 200, answer.text
    assert time.monotonic() - began >= 0.25
    assert stored(database, call) == [("service", code)]


def test_a_note_is_stored_and_the_newest_stands(web: Web, call: str, database: Database) -> None:
    for body in ("first", "  second\r\nline <b> "):
        assert web.post(f"/desk/calls/{call}/note", body=body).status_code == 200
    rows = database.rows("SELECT body FROM call_note WHERE call_id = %s", call)
    assert rows == [{"body": "second\nline <b>"}]
    assert web.get("/desk/state").json["call"]["note"] == "second\nline <b>"


def test_a_note_can_still_be_stored_after_wrap_up(
    web: Web, call: str, ava: Scene, database: Database
) -> None:
    ava.hang_up(call)
    ava.end_wrap_up(call)
    assert web.post(f"/desk/calls/{call}/note", body="typed late").status_code == 200


def test_a_note_has_an_end(web: Web, call: str) -> None:
    assert web.post(f"/desk/calls/{call}/note", body="x" * 4001).status_code == 422


def test_the_offer_page_has_the_script_for_this_customer(
    web: Web, call: str, database: Database
) -> None:
    offer = web.get("/desk/state").json["call"]["offers"][0]
    assert offer["url"].endswith(f"/offers/{offer['code']}?call={call}")
    page = web.client.get(f"/offers/{offer['code']}?call={call}")
    assert page.status_code == 200
    assert "Hello Marcus, this is Ava Lindqvist at Halyard Telecom" in page.text
    opened = "SELECT opened_at FROM call_offer WHERE call_id = %s AND kind = 'sales'"
    first = database.value(opened, call)
    assert first is not None
    web.client.get(f"/offers/{offer['code']}?call={call}")
    assert database.value(opened, call) == first


def test_what_an_offer_says_is_text_never_markup(web: Web, call: str, database: Database) -> None:
    hostile = "<script>alert(1)</script> {first_name} {unknown_thing}"
    with database.changed("offer", {"code": "HAL-FIBER-BUNDLE"}, script=hostile):
        page = web.client.get(f"/offers/HAL-FIBER-BUNDLE?call={call}").text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt; Marcus" in page
    assert 'class="gap"' in page
    assert "unknown thing" in page


@pytest.mark.parametrize(
    "path",
    ["HAL-ROUTER?call={call}", "x?call={call}", "HAL-FIBER-BUNDLE", "HAL-FIBER-BUNDLE?call=1"],
)
def test_an_offer_that_is_not_on_the_call_is_not_found(web: Web, call: str, path: str) -> None:
    assert web.client.get("/offers/" + path.format(call=call)).status_code == 404


def test_an_offer_without_a_page_has_no_url_on_the_desk(web: Web, ava: Scene) -> None:
    web.enter(ava)
    web.post("/desk/agent/available")
    ava.ring(OTTO)
    offers = web.get("/desk/state").json["call"]["offers"]
    assert [(offer["kind"], offer["url"]) for offer in offers] == [("service", "")]


def test_the_outage_comes_with_what_to_say_to_this_customer(web: Web, ava: Scene) -> None:
    web.enter(ava)
    web.post("/desk/agent/available")
    ava.ring(LENA)
    outage = web.get("/desk/state").json["call"]["outage"]
    said = "".join(piece["text"] for paragraph in outage["script"] for piece in paragraph)
    assert "Lena" in said
    assert LENA.account in said
    assert outage["expected_text"]


def test_a_look_up_finds_customers_of_the_called_company_only(web: Web, call: str) -> None:
    found = web.post(f"/desk/calls/{call}/lookup", by="account", q=DANA.account).json
    assert [row["name"] for row in found["results"]] == ["Dana Reed"]
    assert found["gathered"]["CED_ACCOUNT"] == MARCUS.account
    assert "ssn" not in str(found).lower().replace("account,ssn", "")
    other = web.post(f"/desk/calls/{call}/lookup", by="account", q=ROSA.account).json
    assert other["results"] == []


def test_what_was_looked_up_is_attached_to_the_call(
    web: Web, ava: Scene, database: Database
) -> None:
    web.enter(ava)
    web.post("/desk/agent/available")
    call = ava.ring(UNKNOWN)
    position = web.get("/desk/state").json["position"]
    row = web.post(f"/desk/calls/{call}/lookup", by="name", q="dana reed").json["results"][0]
    form = {"by": "name", "q": "dana reed", "customer": row["id"], "account": row["account"]}
    form["key"] = key()
    for _ in range(2):
        answer = web.post(f"/desk/calls/{call}/lookup/attach", **form)
        assert answer.status_code == 200, answer.text
    event = next(m for m in web.follow(position) if m.type == "call.updated")
    assert event.data["changed"]["customer"]["name"] == "Dana Reed"
    assert event.data["changed"]["cti"]["LOOKUP_CUSTOMER_NAME"] == "Dana Reed"
    assert event.data["changed"]["identified_text"] == "you, by look-up"
    card = web.get("/desk/state").json["call"]
    assert card["customer"]["name"] == "Dana Reed"
    assert card["verified"] is False
    kept = database.rows("SELECT gathered FROM customer_lookup WHERE call_id = %s", call)
    assert len(kept) == 1
    assert kept[0]["gathered"]["ANI"] == card["ani"]


@pytest.mark.parametrize("customer", ["", "x", "-1", "9" * 30, "0"])
def test_nobody_else_can_be_attached(web: Web, call: str, customer: str) -> None:
    form = {"by": "name", "q": "dana", "customer": customer, "key": key()}
    assert web.post(f"/desk/calls/{call}/lookup/attach", **form).status_code == 422


def test_history_shows_offers_and_earlier_calls(web: Web, call: str) -> None:
    history = web.get(f"/desk/calls/{call}/history").json
    assert {"HAL-FIBER-BUNDLE", "HAL-CARE-PLUS"} <= {offer["code"] for offer in history["offers"]}
    assert all(earlier["id"] != call for earlier in history["calls"])


def test_wrap_up_ends_only_when_what_is_mandatory_is_there(web: Web, call: str, ava: Scene) -> None:
    codes = web.get("/desk/state").json["call"]["codes"]
    assert web.post("/desk/agent/finish-wrap-up").status_code == 409
    ava.hang_up(call)
    refused = web.post("/desk/agent/finish-wrap-up")
    assert refused.status_code == 409
    assert refused.json["detail"] == "Choose a sales and service disposition first."
    for kind in ("sales", "service"):
        code = codes[kind][0]["code"]
        web.post(f"/desk/calls/{call}/dispositions", kind=kind, code=code, key=key())
    assert web.post("/desk/agent/finish-wrap-up").status_code == 200
    assert ava.state == "available"


def test_an_agent_without_a_phone_is_told_what_to_do(web: Web, ava: Scene) -> None:
    web.enter(ava)
    ava.unplug()
    refused = web.post("/desk/agent/available")
    assert refused.status_code == 409
    assert "phone-ava is not registered" in refused.json["detail"]
    assert ava.state == "paused"
    ava.plug_in()
    assert web.post("/desk/agent/available").status_code == 200
    assert ava.state == "available"


@pytest.mark.parametrize("reason", ["", "holiday", "lunch' --", "<b>"])
def test_a_pause_has_one_of_the_reasons(web: Web, ava: Scene, reason: str) -> None:
    web.enter(ava)
    assert web.post("/desk/agent/pause", reason=reason).status_code == 422


def test_what_is_chosen_during_a_call_comes_after_wrap_up(web: Web, call: str, ava: Scene) -> None:
    assert web.post("/desk/agent/pause", reason="lunch").status_code == 200
    assert ava.state == "on_call"
    ava.hang_up(call)
    ava.end_wrap_up(call)
    agent = web.get("/desk/state").json["agent"]
    assert (agent["state"], agent["reason"]) == ("paused", "lunch")


def test_hostile_names_reach_the_page_as_text(web: Web, ava: Scene, database: Database) -> None:
    name = "</script><img src=x onerror=alert(1)>"
    web.enter(ava)
    web.post("/desk/agent/available")
    with database.changed("customer", {"code": "H10001"}, first_name=name):
        ava.ring(DANA)
        page = web.client.get("/desk").text
    assert "<img src=x" not in page
    assert "onerror=alert(1)" in page  # there, but escaped


def test_without_the_database_the_desk_goes_on_and_stores_nothing_silently(
    web: Web, call: str, make_app: Callable[..., Flask]
) -> None:
    cut_off = make_app(database_url="postgresql://nobody@127.0.0.1:1/none")
    desk = Web(cut_off)
    for cookie in web.client._cookies.values():
        desk.client.set_cookie(cookie.key, cookie.value)
    desk.token = web.token
    card = desk.get("/desk/state").json["call"]
    assert card["id"] == call
    assert card["customer"]["name"] == "Marcus Bell"
    assert desk.post("/desk/agent/pause", reason="break").status_code == 200
    form = {"kind": "sales", "code": "ACCEPTED", "key": key()}
    answer = desk.post(f"/desk/calls/{call}/dispositions", **form)
    assert answer.status_code == 503
    assert "nothing was stored" in answer.json["detail"]
    assert desk.client.get("/readyz").status_code == 503


def test_between_calls_the_agent_sees_queues_and_latest_calls(
    web: Web, call: str, ava: Scene
) -> None:
    ava.hang_up(call)
    ava.end_wrap_up(call)
    ava.redis.zadd("cb:queue:halyard-service", {"somebody": 1})
    seen = web.get("/desk/between-calls").json
    waiting = {queue["code"]: queue["waiting"] for queue in seen["queues"]}
    assert waiting["halyard-service"] == 1
    assert seen["calls"][0]["id"] == call
    assert seen["calls"][0]["customer"] == "Marcus Bell"
