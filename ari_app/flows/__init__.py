"""The flows, and which call goes to which: the readable list."""

from __future__ import annotations

from ari_app.flow import Flow
from ari_app.flows import callback, inbound, order

#: ``Stasis(cordboard,<name>,…)`` -> flow. A call with another name is logged and refused.
FLOWS: dict[str, Flow] = {
    "inbound": inbound.FLOW,
    "callback": callback.FLOW,
    "order": order.FLOW,
}
