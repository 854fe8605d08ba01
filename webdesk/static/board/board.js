// The board: loads its state, follows the stream, paints what changed, does what is pressed.

import { announce, say } from "../desk/alerts.js";
import { get, post } from "../desk/api.js";
import { $, $$, setText } from "../desk/dom.js";
import { followStream } from "../live.js";
import { askReason, paintStock } from "./dialogs.js";
import { ring } from "./sound.js";
import { at, columns, find, load, model, now, setClock, take } from "./state.js";
import { forgetMinutes, minutesOf, ticket, tick } from "./ticket.js";

/** While a new order is not accepted it sounds again, milliseconds. */
const AGAIN_MS = 30_000;
const ASKED = ["decline", "cancel"];
const KEYS = { a: "accept", r: "ready", h: "hand-over", d: "decline", x: "cancel" };
const PLACES = ["placed", "accepted", "ready", "done"];

const first = JSON.parse($("#board-state").textContent);
const favicon = $('link[rel="icon"]');
const quietIcon = favicon.href;
const ringIcon = quietIcon.replace("favicon.svg", "favicon-ring.svg");
/** Orders that arrived while the page was open and that nobody has touched yet. */
const fresh = new Set();
/** Orders that are being sent: a second press does nothing. */
const busy = new Set();
let rang = 0;

// -- Painting

function paint() {
  const found = columns();
  const held = holding();
  for (const [name, orders] of Object.entries(found)) {
    const root = name === "cancelled" ? $("#cancelled") : $(`[data-column="${name}"]`);
    fill($("[data-tickets]", root), orders);
    setText($("[data-count]", root), String(orders.length));
    const empty = $(":scope > [data-empty]", root);
    if (empty) empty.hidden = orders.length > 0;
  }
  $("#cancelled").hidden = found.cancelled.length === 0;
  $('[data-column="placed"]').toggleAttribute("data-fresh", found.placed.some((order) => fresh.has(order.order)));
  hold(held);
  paintTab(found.placed.length);
}

/** Which card has the focus, whether in its minutes, and which timelines are open. */
function holding() {
  const focused = document.activeElement;
  return {
    id: focused?.closest?.(".ticket")?.dataset.order,
    minutes: Boolean(focused?.matches?.("[data-minutes]")),
    open: $$(".ticket details[open]").map((details) => details.closest(".ticket").dataset.order),
  };
}

/**
 * The same after painting. The focus goes to the card, not to its next button: whoever presses twice
 * does one thing.
 */
function hold({ id, minutes, open }) {
  for (const one of open) $("details", cardOf(one) ?? document.createElement("i"))?.setAttribute("open", "");
  const card = id && cardOf(id);
  if (!card || card.contains(document.activeElement)) return;
  ((minutes && $("[data-minutes]", card)) || card).focus({ preventScroll: !minutes });
}

const cardOf = (id) => $(`.ticket[data-order="${id}"]`);

/** Cards that are as they should be stay, with focus and open timelines. */
function fill(list, orders) {
  const cards = new Map($$(":scope > .ticket", list).map((card) => [card.dataset.order, card]));
  const wanted = orders.map((order) => {
    const card = cards.get(order.order);
    const same = card?.dataset.version === String(order.version) && card.dataset.busy === String(busy.has(order.order));
    return same ? card : renew(order);
  });
  const stays = new Set(wanted);
  for (const card of cards.values()) if (!stays.has(card)) card.remove();
  wanted.forEach((card, index) => {
    if (list.children[index] !== card) list.insertBefore(card, list.children[index] || null);
  });
}

/** The card of an order anew; while it is being sent nothing can be pressed. */
function renew(order) {
  const card = ticket(order, fresh.has(order.order));
  const sending = busy.has(order.order);
  card.dataset.busy = String(sending);
  for (const button of $$("button, input", card)) button.disabled = sending;
  return card;
}

function paintTab(count) {
  document.title = `${count ? `(${count}) ` : ""}${model.location.name} · Board`;
  const wanted = count ? ringIcon : quietIcon;
  if (favicon.href !== wanted) favicon.href = wanted;
}

function paintLocation() {
  const paused = model.location.paused_at !== null;
  $("#pause").setAttribute("aria-pressed", String(paused));
  setText($("#pause [data-text]"), paused ? "Take orders again" : "Pause orders");
  $("#paused").hidden = !paused;
  if (paused) setText($("#paused [data-since]"), `Paused since ${at(model.location.paused_at)}; orders that are here stay.`);
  paintStock();
}

function ticking() {
  for (const card of $$(".ticket")) {
    const order = find(card.dataset.order);
    if (order) tick(card, order);
  }
  const waiting = columns().placed.some((order) => !order.declined);
  if (waiting && now() - rang > AGAIN_MS) sound();
}

function sound() {
  rang = now();
  ring();
}

// -- News

function arrived(type, data) {
  if (type === "location.changed") {
    model.location = data;
    paintLocation();
    return;
  }
  const change = take(data);
  if (change) tell(change);
  paint();
}

/** Say what nobody here has done. */
function tell({ order, before }) {
  if (!order.here) {
    if (before && !busy.has(order.order)) say(`Order ${order.number} is with ${order.now_at} now.`, { sticky: true });
    return;
  }
  if (order.state === "placed" && (!before || before.state !== "placed")) {
    fresh.add(order.order);
    announce(`New order ${order.number} of ${order.client}.`);
    sound();
  } else if (order.state === "cancelled" && before && before.state !== "cancelled" && !busy.has(order.order)) {
    say(`Order ${order.number} of ${order.client} was cancelled.`, { sticky: true });
  }
  if (order.state !== "placed") fresh.delete(order.order);
}

// -- Doing

async function act(id, deed) {
  const order = find(id);
  if (!order || busy.has(id)) return;
  const card = cardOf(id);
  if (!card || !$(`[data-do="${deed}"]`, card)) return;
  const minutes = $("[data-minutes]", card);
  if (deed === "accept" && minutes && !minutes.reportValidity()) return;
  const why = ASKED.includes(deed) ? await askReason(order, deed) : "";
  if (why !== null) await send(order, deed, why);
}

async function send(order, deed, why) {
  const id = order.order;
  busy.add(id);
  fresh.delete(id);
  paint();
  try {
    const fields = { version: order.version, why, minutes: deed === "accept" ? minutesOf(id) : "" };
    const answered = await post(`/board/${model.location.id}/orders/${id}/${deed}`, fields);
    take(answered.order);
    forgetMinutes(id);
  } catch (problem) {
    if (problem.body?.order) take(problem.body.order);
    say(problem.message);
  }
  busy.delete(id);
  paint();
}

async function togglePause() {
  const button = $("#pause");
  button.disabled = true;
  try {
    const paused = model.location.paused_at === null ? "1" : "0";
    model.location = (await post(`/board/${model.location.id}/pause`, { paused })).location;
    paintLocation();
  } catch (problem) {
    say(problem.message);
  }
  button.disabled = false;
  button.focus();
}

$("#pause").addEventListener("click", togglePause);
$("#columns").addEventListener("click", (event) => {
  const card = event.target.closest(".ticket");
  if (!card) return;
  if (fresh.delete(card.dataset.order)) {
    card.removeAttribute("data-fresh");
    paint();
  }
  const button = event.target.closest("[data-do]");
  if (button) act(card.dataset.order, button.dataset.do);
});

document.addEventListener("keydown", (event) => {
  const card = event.target.closest?.(".ticket");
  if (!card || event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input")) return;
  if (event.key.startsWith("Arrow")) {
    event.preventDefault();
    step(card, event.key)?.focus();
  } else if (event.key.toLowerCase() === "p") {
    $("footer a", card).click();
  } else if (KEYS[event.key.toLowerCase()]) {
    event.preventDefault();
    act(card.dataset.order, KEYS[event.key.toLowerCase()]);
  }
});

/** The card in that direction. */
function step(card, key) {
  if (key === "ArrowDown") return card.nextElementSibling;
  if (key === "ArrowUp") return card.previousElementSibling;
  const way = key === "ArrowRight" ? 1 : -1;
  const name = card.closest("[data-column]").dataset.column;
  for (let index = PLACES.indexOf(name) + way; PLACES[index]; index += way) {
    const found = $(`[data-column="${PLACES[index]}"] > [data-tickets] > .ticket`);
    if (found) return found;
  }
  return null;
}

// -- Live

const LINKS = { live: "Live", lost: "Not connected: trying again" };

const on = {
  event: arrived,
  clock: setClock,
  link(state) {
    $("#link").dataset.link = state;
    setText($("#link [data-text]"), LINKS[state]);
  },
  async reset() {
    const state = await get(`/board/${model.location.id}/state`);
    load(state).forEach(tell);
    paintLocation();
    paint();
    return state.position;
  },
  signedOut: () => location.assign("/login"),
};

load(first);
paintLocation();
paint();
setInterval(ticking, 1_000);
rang = now();
followStream((from) => `/board/${model.location.id}/events?from=${from}`, ["order.changed", "location.changed"], first.position, on);
