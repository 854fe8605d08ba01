"""To the payment provider's page and back, and what the provider's server tells."""

from __future__ import annotations

import time
import uuid

import structlog
from flask import Response, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from cordboard.orders.payment import (
    SIGNATURE_HEADER,
    Outcome,
    Payment,
    PaymentError,
    Provider,
    order_of_token,
    provider,
)
from db.errors import DatabaseRefusal
from db.queries import sql
from webdesk.order import browsers, refusal
from webdesk.order.here import Json, is_linked, shop
from webdesk.order.store import ask
from webdesk.problems import Problem
from webdesk.security import limiter
from webdesk.services import services

log = structlog.get_logger(__name__)
bp = browsers.blueprint("payments")
refusal.init(bp)


def the_provider() -> Provider | None:
    """Who takes payments."""
    settings = services().settings
    # The stand-in's page is one of the demo shop's server.
    base = f"http://127.0.0.1:{settings.port('shop')}"
    return provider(settings.payment_provider, base, settings.secret_key.get_secret_value())


@bp.get("/<sid>/pay/<token>")
@limiter.limit("120 per minute")
def pay(sid: str, token: str) -> BaseResponse | str:
    """To where the order is paid; the address may stand in an e-mail, so no cookie is asked."""
    found, order = shop(sid), _order(token)
    takes = _must_take(the_provider())
    payment = ask(sql.open_payment, order=order, provider=takes.name)
    if payment is None or payment["state"] in ("paid", "void"):
        return _page(found, order, "paid" if payment and payment["state"] == "paid" else "nothing")
    base = services().settings.web
    asked = Payment(
        id=payment["id"],
        amount_cents=payment["amount_cents"],
        shop=found["company"],
        number=ask(sql.order_json, order=order)["number"],
        back=f"{base}{url_for('order_payments.back', sid=sid, token=token)}",
        notify=f"{base}{url_for('order_payments.notified', name=takes.name)}",
    )
    return redirect(takes.link(asked, int(time.time())), 303)


@bp.get("/<sid>/paid/<token>")
@limiter.limit("120 per minute")
def back(sid: str, token: str) -> BaseResponse | str:
    """The browser is back; what it brings is believed as far as the provider signed it."""
    found, order = shop(sid), _order(token)
    takes = _must_take(the_provider())
    try:
        outcome = takes.read_return(request.args.to_dict(), int(time.time()))
        settled = _settle(takes, outcome)
    except PaymentError as error:
        raise Problem(400, "bad-payment", f"{error}."[:300]) from error
    if settled["order"] != order:
        raise Problem(400, "bad-payment", "That is the payment of another order.")
    browser = browsers.browser(sid)
    if browser and is_linked(browser):
        paid = settled["state"] == "paid"
        text = "Thank you: it is paid." if paid else "The payment was declined. Nothing was taken."
        flash(text, "good" if paid else "bad")
        return redirect(url_for("order_placed.page", sid=sid, order=order), 303)
    return _page(found, order, settled["state"])


@bp.post("/pay-notify/<name>")
@limiter.limit("600 per minute")
def notified(name: str) -> Response:
    """The provider's server tells; it tells again until it hears 204."""
    request.max_content_length = 16 * 1024
    takes = the_provider()
    if takes is None or name != takes.name:
        raise Problem(404, "unknown-provider", "No such provider tells us anything.")
    header = request.headers.get(SIGNATURE_HEADER, "")
    try:
        outcome = takes.read_notification(header, request.get_data(), int(time.time()))
        _settle(takes, outcome)
    except PaymentError as error:
        raise Problem(400, "bad-payment", f"{error}."[:300]) from error
    return Response(status=204)


def _settle(takes: Provider, outcome: Outcome) -> Json:
    """Store it, once.

    Raises:
        PaymentError: there is no such payment, or it is of another amount.
    """
    try:
        settled: Json = ask(
            sql.settle_payment,
            payment=outcome.payment,
            provider=takes.name,
            state=outcome.state,
            amount_cents=outcome.amount_cents,
            reference=outcome.reference,
        )
    except DatabaseRefusal as error:
        raise PaymentError(str(error)) from error
    log.info("payment.settled", payment=outcome.payment, state=settled["state"])
    return settled


def _order(token: str) -> str:
    order = order_of_token(token, services().settings.secret_key.get_secret_value())
    if order is None:
        raise Problem(404, "bad-payment", "This address is damaged. Open it from your order again.")
    return order


def _must_take(found: Provider | None) -> Provider:
    if found is None:
        raise Problem(404, "bad-payment", "Nobody takes payments online here. Pay when you get it.")
    return found


def _page(found: Json, order: str, state: str) -> str:
    """For a browser that is not the client's."""
    return render_template(
        "order/paid.html", shop=found, here="paid", state=state, order=uuid.UUID(order)
    )
