"""The test provider's page: says what is to be paid, and the client says how that ends.

It stands for somebody who takes cards, for demo and tests. It asks for none.
"""

from __future__ import annotations

import time
import urllib.request
from urllib.parse import urlencode, urlsplit

import structlog
from flask import Blueprint, abort, current_app, redirect, render_template, request
from werkzeug.wrappers import Response as BaseResponse

from cordboard.orders.payment import (
    DECLINED,
    PAID,
    SIGNATURE_HEADER,
    PaymentError,
    checked,
    notification,
    signed,
)

log = structlog.get_logger(__name__)
bp = Blueprint("pay", __name__)

#: Longest wait for our notification to be taken, seconds; the browser brings the same.
NOTIFY_S = 5.0


@bp.get("/pay")
def ask() -> str:
    """What is to be paid, to whom."""
    asked = _asked()
    platform = current_app.extensions["shop"].platform
    dollars = _dollars(asked["amount_cents"])
    return render_template("pay.html", asked=asked, dollars=dollars, platform=platform)


@bp.post("/pay")
def answer() -> BaseResponse:
    """Paid or declined: the shop's platform is notified, then the browser goes back."""
    asked, state = _asked(), request.form.get("state", "")
    if state not in (PAID, DECLINED):
        abort(400, f"Say {PAID} or {DECLINED}.")
    told = {
        "id": asked["id"],
        "state": state,
        "amount_cents": asked["amount_cents"],
        "reference": f"test-{asked['id'][:8]}",
    }
    _notify(asked["notify"], told)
    back = urlencode(signed(told, _key(), int(time.time())))
    return redirect(f"{asked['back']}?{back}", 303)


def _asked() -> dict[str, str]:
    try:
        return checked(request.args.to_dict(), _key(), int(time.time()))
    except PaymentError as error:
        abort(400, f"{error}."[:200])


def _notify(url: str, told: dict[str, str]) -> None:
    body, signature = notification(_key(), told, int(time.time()))
    headers = {SIGNATURE_HEADER: signature, "Content-Type": "application/json"}
    # The address is signed by the platform.
    sent = urllib.request.Request(url, data=body, headers=headers)  # noqa: S310
    try:
        urllib.request.urlopen(sent, timeout=NOTIFY_S).close()  # noqa: S310
    except OSError as error:
        log.warning("pay.not_notified", host=urlsplit(url).netloc, error=type(error).__name__)


def _key() -> bytes:
    key: bytes = current_app.extensions["payment_key"]
    return key


def _dollars(cents: str) -> str:
    return f"${int(cents) // 100:,}.{int(cents) % 100:02}"
