// What happened with this customer before; loaded after the card is on the screen.

import { get } from "./api.js";
import { $, h, moment } from "./dom.js";
import { model } from "./state.js";

const STATUS = { open: "Open", presented: "Presented", accepted: "Accepted", declined: "Declined", later: "Later", withdrawn: "Withdrawn" };
const OUTCOME = { answered: "Answered", abandoned: "Gave up waiting", abandoned_ivr: "Hung up in the menu", closed: "Called when closed", fallback: "Answered by the fallback", automated: "Served by keys", failed: "Failed" };

/** Lines shown at once; the rest is a click away. */
const AT_ONCE = 5;

const box = $("[data-history]");
let shown = "";

/** Load anew when the call, its customer or a result is another one. */
export async function paint() {
  const { call } = model;
  const wanted = call ? JSON.stringify([call.id, call.customer?.id, call.dispositions]) : "";
  if (wanted === shown) return;
  const sameCall = call && shown.includes(call.id);
  shown = wanted;
  if (!sameCall) box.replaceChildren();
  if (!call) return;
  if (!call.customer) {
    box.replaceChildren(hint("Shown when the caller is identified."));
    return;
  }
  try {
    const found = await get(`/desk/calls/${call.id}/history`);
    if (wanted === shown) box.replaceChildren(...section("Offers", found.offers.map(offerLine)), ...section("Calls", found.calls.map(callLine)), ...(found.orders.length ? section("Orders", found.orders.map(orderLine)) : []));
  } catch (problem) {
    if (wanted === shown) box.replaceChildren(hint(problem.message));
  }
}

const hint = (text) => h("p", { class: "hint" }, text);

function section(title, lines) {
  if (!lines.length) return [h("h3", {}, title), hint("None yet.")];
  const list = (some) => h("ul", { class: "timeline" }, ...some);
  const rest = lines.slice(AT_ONCE);
  const more = h("details", {}, h("summary", {}, `${rest.length} more`), list(rest));
  return [h("h3", {}, title), list(lines.slice(0, AT_ONCE)), ...(rest.length ? [more] : [])];
}

function offerLine(offer) {
  const status = h("span", { class: "status", "data-status": offer.status }, STATUS[offer.status] || offer.status);
  const times = offer.presented && `presented ${offer.presented === 1 ? "once" : `${offer.presented} times`}, last ${moment(offer.presented_at)}`;
  const about = [offer.code, offer.kind, times].filter(Boolean).join(" · ");
  return h("li", {}, h("div", { class: "line" }, h("span", {}, offer.title), status), h("p", {}, about));
}

function orderLine(order) {
  const status = h("span", { class: "status" }, order.state.replace("_", " "));
  const about = [moment(order.placed_at), order.location, `$${(order.total_cents / 100).toFixed(2)}`].filter(Boolean).join(" · ");
  return h("li", {}, h("div", { class: "line" }, h("span", {}, `${order.number}: ${order.what}`), status), h("p", {}, about));
}

function callLine(call) {
  const when = h("time", { datetime: call.started }, moment(call.started));
  const what = OUTCOME[call.outcome] || "In progress";
  const more = [call.agent && `with ${call.agent}`, ...(call.dispositions || []).map((d) => d.label)].filter(Boolean).join(" · ");
  return h("li", {}, h("div", { class: "line" }, h("span", {}, what), when), more ? h("p", {}, more) : null, call.note ? h("p", {}, call.note) : null);
}
