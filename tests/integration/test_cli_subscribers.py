"""The commands ``secret``, ``link`` and ``policy``, on a demo world."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from urllib.parse import urlsplit

import psycopg
from click.testing import Result

from cordboard import tag1
from cordboard.identity import hash_pin
from cordboard.secrets import looks_like_secret, signing_key
from cordboard.settings import Settings
from cordboard.stack.errors import StackError
from db.demo.web import SECRETS

Run = Callable[..., Result]


def refused(answer: Result) -> str:
    assert isinstance(answer.exception, StackError), answer.output
    return str(answer.exception)


def test_a_secret_is_made_listed_and_revoked(run: Run) -> None:
    made = run("secret", "new", "pantry", "--label", "shop 2026")
    assert looks_like_secret(made.stdout.strip())
    assert "two live secrets at most" in refused(run("secret", "new", "pantry"))
    listed = run("secret", "list", "pantry").stdout
    assert made.stdout.strip() not in listed
    number = next(line.split()[0] for line in listed.splitlines() if "shop 2026" in line)
    assert "is revoked" in run("secret", "revoke", "pantry", number).stdout
    assert "no live secret" in refused(run("secret", "revoke", "pantry", number))
    assert "revoked" in run("secret", "list", "pantry").stdout
    assert "no subscriber" in refused(run("secret", "new", "nobody"))
    assert run("secret", "new", "pantry", "--label", "two\nlines").exit_code == 2


def test_a_link_is_one_that_the_platform_takes(run: Run, postgres: Settings) -> None:
    answer = run("link", "pantry", "ORDERS", "--title", "Gift baskets", "--phone", "+13125550150",
                 "--customer", "P10008", "--whisper", "VIP", "--url", "https://shop.example.com/",
                 "--expires", "600")  # fmt: skip
    url = urlsplit(answer.stdout.strip())
    assert f"{url.scheme}://{url.netloc}" == postgres.web
    signed = tag1.parse("pantry", "ORDERS", url.query)
    tag = tag1.verify(signed, [signing_key(SECRETS[2])], time.time())
    assert (tag.title, tag.number, tag.customer_code) == ("Gift baskets", "+13125550150", "P10008")
    assert 595 <= tag.expires - time.time() <= 600


def test_a_link_that_leads_nowhere_is_not_made(run: Run) -> None:
    assert "FAST, HELP, ORDERS, PARTNER" in refused(run("link", "pantry", "PIZZA"))
    assert "no subscriber" in refused(run("link", "nobody", "ORDERS"))
    assert "not of its form" in refused(run("link", "pantry", "ORDERS", "--url", "javascript:1"))
    assert run("link", "pantry", "ORDERS", "--expires", "5").exit_code == 2
    run("secret", "revoke", "pantry", run("secret", "list", "pantry").stdout.split()[0])
    assert "no live secret" in refused(run("link", "pantry", "ORDERS"))


def test_a_pin_is_set_and_not_shown(run: Run, fresh_database_url: str, postgres: Settings) -> None:
    answer = run("pin", "ava", "--pin", "82364")
    assert answer.exit_code == 0, answer.output
    assert "82364" not in answer.output
    with psycopg.connect(fresh_database_url) as conn:
        stored = conn.execute("SELECT pin_hash FROM user_account WHERE username = 'ava'").fetchone()
        audit = conn.execute("SELECT action, data FROM audit_entry").fetchall()
    assert stored == (hash_pin("82364", postgres.ssn_key.get_secret_value().encode()),)
    assert audit == [("agent.pin_set", {"username": "ava"})]
    assert "no user" in refused(run("pin", "nobody", "--pin", "82364"))
    wrong = run("pin", "ava", "--pin", "12x4")
    assert wrong.exit_code == 2
    assert "12x4" not in wrong.output


def test_the_policy_answers_by_its_exit_code(run: Run) -> None:
    allowed = run("policy", "check", "pantry", "(312) 555-0150")
    assert allowed.exit_code == 0, allowed.output
    assert "+13125550150 would be dialled for pantry" in allowed.stdout
    no = run("policy", "check", "pantry", "+12025550195", "--at", "2027-05-05T12:00")
    assert no.exit_code == 1
    assert "do_not_call: This number is on a list" in no.stdout
    assert "for pantry, Wednesday, May 5, 2027, 12:00 (America/Chicago)." in no.stdout
    elsewhere = ("policy", "check", "pantry", "+13125550150", "--at", "2026-12-06T03:00-05:00")
    assert "Sunday, December 6, 2026, 02:00 (America/Chicago)." in run(*elsewhere).stdout
    told = json.loads(run("policy", "check", "pantry", "+19005550100", "--json").stdout)
    assert told["allowed"] is False
    assert [reason["code"] for reason in told["reasons"]] == ["number_type_not_allowed"]
    assert run("policy", "check", "pantry", "+13125550150", "--at", "soon").exit_code == 2
    assert run("policy", "check", "pantry", "1", "--at", "2026-03-08T02:30").exit_code == 2
    assert "no subscriber" in refused(run("policy", "check", "nobody", "+13125550150"))
