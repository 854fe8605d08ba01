// One order as a card.

import { $, clock, h } from "../desk/dom.js";
import { at, model, now } from "./state.js";

const SOON_MS = 5 * 60_000;
const MINUTE_MS = 60_000;
/** Whatever is due later than this gets its time, not a countdown. */
const FAR_MS = 12 * 3600_000;
/** The longest time that a location may ask for, minutes. */
const LONGEST = 600;

/** Minutes typed for an order and not sent yet: they outlive a repaint. */
const typed = new Map();

/** What may be done with an order in its state, the usual thing first. */
const DEEDS = {
  placed: [["accept", "Accept", "A"], ["decline", "Decline", "D"]],
  accepted: [["ready", "Ready", "R"], ["cancel", "Cancel", "X"]],
  ready: [["hand-over", "Hand over", "H"], ["cancel", "Cancel", "X"]],
};

/** The card; `fresh` marks one that has just arrived. */
export function ticket(order, fresh) {
  const heading = `ticket-${order.order}`;
  const card = h(
    "article",
    { class: "ticket", tabindex: "0", "aria-labelledby": heading, "data-order": order.order, "data-state": order.state, "data-version": order.version, "data-fresh": fresh },
    head(order, heading),
    order.address === null ? null : h("p", { class: "ticket-address" }, order.address || "Address not typed yet: ask an agent"),
    items(order),
    order.note ? h("p", { class: "ticket-note" }, order.note) : null,
    h("p", { class: "ticket-money" }, h("span", { class: "paid", "data-paid": order.payment.state }, order.payment.text), h("strong", {}, order.total)),
    deeds(order),
    foot(order),
  );
  tick(card, order);
  return card;
}

function head(order, id) {
  return h(
    "header",
    {},
    h("h3", { id }, h("span", { class: "ticket-number" }, String(order.number)), h("span", {}, order.client)),
    h("p", { class: "ticket-due" }, h("time", { datetime: order.due_at }, at(order.due_at)), h("span", { "data-due": true })),
    h("p", { class: "ticket-method", "data-method": order.method }, order.method_text),
    order.state === "placed" && !order.declined ? h("p", { class: "hint", "data-accept": true }) : null,
  );
}

function items(order) {
  const item = (line) =>
    h("li", {}, h("b", {}, `${line.quantity} ×`), h("span", {}, line.name, line.options.length ? h("small", {}, line.options.join(", ")) : null));
  return h("ul", { class: "ticket-items" }, ...order.lines.map(item));
}

function deeds(order) {
  if (order.declined) return h("p", { class: "hint" }, "Declined: it goes to another location now.");
  const buttons = (DEEDS[order.state] || []).map(([deed, label, key], index) =>
    h("button", { class: index ? "button quiet" : "button primary", type: "button", "data-do": deed, "aria-keyshortcuts": key, "aria-label": `${label} order ${order.number}` }, label),
  );
  return buttons.length ? h("div", { class: "ticket-deeds" }, order.state === "placed" ? minutes(order) : null, ...buttons) : null;
}

/** In how many minutes it is ready; untouched it stays the time that was promised. */
function minutes(order) {
  const left = Math.max(1, Math.ceil((Date.parse(order.due_at) - now()) / MINUTE_MS));
  if (order.method === "appointment" || left > LONGEST) return null;
  const input = h("input", { type: "number", min: 1, max: LONGEST, inputmode: "numeric", value: typed.get(order.order) ?? left, "data-minutes": true });
  input.addEventListener("input", () => typed.set(order.order, input.value));
  const words = order.method === "delivery" ? "There in" : "Ready in";
  return h("label", { class: "ticket-minutes" }, words, input, "min");
}

function foot(order) {
  const lines = order.timeline.map((event) => h("li", {}, h("time", { datetime: event.at }, at(event.at)), " ", event.text));
  return h(
    "footer",
    {},
    h("details", {}, h("summary", {}, "Timeline"), h("ol", {}, ...lines)),
    h("a", { href: `/board/${model.location.id}/print/${order.order}`, target: "_blank", rel: "noopener", "aria-label": `Print order ${order.number}` }, "Print"),
  );
}

/** What was typed for this order, empty when the time was left alone. */
export const minutesOf = (id) => typed.get(id) ?? "";
export const forgetMinutes = (id) => typed.delete(id);

/** Paint the clocks of a card. */
export function tick(card, order) {
  const rest = Date.parse(order.due_at) - now();
  const due = $("[data-due]", card);
  const over = order.ended_at !== null;
  const text = over ? `at ${at(order.ended_at)}` : rest < 0 ? `late ${clock(-rest)}` : rest < FAR_MS ? `in ${clock(rest)}` : "";
  if (due.textContent !== text) due.textContent = text;
  card.dataset.due = over ? "over" : rest < 0 ? "late" : rest < SOON_MS ? "soon" : "later";
  const accept = $("[data-accept]", card);
  if (accept) accept.textContent = acceptText(Date.parse(order.accept_by) - now());
}

const acceptText = (rest) => (rest > 0 ? `Accept within ${clock(rest)}, or it goes elsewhere` : "It goes elsewhere now");
