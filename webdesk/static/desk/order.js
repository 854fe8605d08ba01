// The order of a regular customer: what the agent changes is stored at once, with prices from the server.
// What the server does not have yet is kept in this browser.

import { get, post } from "./api.js";
import { $, newKey, setText } from "./dom.js";
import * as drafts from "./drafts.js";
import { addLine, fill, paintForm, paintFound, paintUsual, readForm } from "./order_form.js";
import { model } from "./state.js";

const KIND = "shop-order";
const SAVE_MS = 400;
/** Not placed, but stored: what is to be read back, and asked, before it is placed again. */
const ASK_AGAIN = ["price-changed", "order-stays"];
const KEPT = "Kept in this browser, not stored yet";
const ORIGINS = { client: "the client's wish", agent: "set by an agent", learned: "learned: pressed 0 three times" };

const root = $("#order");
const form = $("form", root);
let shown = ""; // call and customer
let facts = null;
let wish = null; // as on the form
let timer = 0;
let sending = null;
let placing = false;

/** Load anew when the call or its customer is another one. */
export async function paint() {
  const { call } = model;
  const known = call?.customer && !call.sign_on && call.state !== "offered";
  const wanted = known ? `${call.id}:${call.customer.id}` : "";
  if (wanted === shown) return;
  shown = wanted;
  facts = wish = null;
  clearTimeout(timer);
  root.hidden = true;
  if (wanted) await load();
}

const url = (path = "") => `/desk/calls/${shown.split(":")[0]}/order${path}`;

async function load() {
  const asked = shown;
  const found = await get(url()).catch(() => ({ shop: null }));
  if (asked !== shown || !found.shop) return;
  facts = found;
  const kept = drafts.read(KIND, shown);
  wish = kept?.wish || (found.order ? fromOrder(found.order) : empty());
  root.hidden = false;
  paintAll(found.order);
  if (kept) soon();
}

const uuid = () => newKey().replace(/(.{8})(.{4}).(.{3}).(.{3})(.{12})/, "$1-$2-4$3-8$4-$5");
const empty = () => ({ order: uuid(), version: 0, lines: [], method: "", location: "", due: "", billing: "", note: "", street: "", city: "", postcode: "" });

function fromOrder(order) {
  const lines = order.lines.map(({ product, options, quantity }) => ({ product, options, quantity }));
  return { ...order, lines };
}

const addressOf = ({ street, city, postcode }) => ({ street, city, postcode });

/** Half an address is none: it stays in this browser until the rest of it is typed. */
function hasHalfAnAddress() {
  const { street, city, postcode } = wish;
  return Boolean(street || city || postcode) && !(street && city);
}

function paintAll(order) {
  fill(form, facts, wish);
  paintForm(form, facts, wish, order);
  paintUsual($("[data-usual]", root), facts, useUsual);
  paintWhole(order);
  paintPreference(facts.preference);
}

function paintWhole(order) {
  const open = !order || order.state === "draft";
  setText($("[data-number]", root), order ? String(order.number) : "");
  const badge = $("[data-state]", root);
  badge.hidden = !order;
  badge.classList.toggle("done", !open);
  setText(badge, order ? (open ? "half made" : order.state_text) : "");
  for (const part of form.querySelectorAll("input, select, textarea, button")) part.disabled = !open;
  const waiting = $("[data-waiting]", root);
  waiting.hidden = Boolean(order || !facts.waiting || wish.lines.length);
  if (!waiting.hidden) setText($("[data-waiting-text]", root), `Half made earlier: ${facts.waiting.readback}`);
  const held = $("[data-held]", root);
  const by = order?.held_by || "";
  held.hidden = !open || !by || by === facts.holder || by.startsWith("call:");
  if (!held.hidden) setText(held, "Somebody else works on this order at this moment.");
  if (!open) say(`Order ${order.number} is placed: ${order.total}.`);
}

function paintPreference(preference) {
  $("[data-no-automation]", root).checked = preference.no_automation;
  setText($("[data-origin]", root), preference.no_automation ? `(${ORIGINS[preference.origin] || ""})` : "");
}

const say = (text) => setText($("[data-status]", root), text);

function showError(text, conflict = false) {
  const error = $("[data-error]", root);
  error.hidden = !text;
  setText(error, text);
  $("[data-conflict]", root).hidden = !conflict;
}

/** A field may have changed. Leaving one tells of it again: that is nothing new. */
function changed(repaint) {
  const before = JSON.stringify(wish);
  wish = { ...wish, ...readForm(form, wish) };
  if (JSON.stringify(wish) !== before) edited();
  if (repaint) paintForm(form, facts, wish, null);
}

/** The wish is another one: kept here, and stored in a moment. */
function edited() {
  drafts.keep(KIND, shown, { wish });
  say(KEPT);
  soon();
}

function soon() {
  clearTimeout(timer);
  timer = setTimeout(save, SAVE_MS);
}

function fields(extra = {}) {
  const { order, version, lines, method, location, due, billing, note } = wish;
  const basket = JSON.stringify({ lines, method: method || null, location: location || null });
  const address = hasHalfAnAddress() ? {} : addressOf(wish);
  return { order, version, basket, due, billing, note, ...address, ...extra };
}

/** One request after the other: each carries the version that the one before brought. */
async function send(path, extra) {
  clearTimeout(timer);
  timer = 0;
  while (sending) await sending.catch(() => null);
  const asked = shown;
  const sent = JSON.stringify(wish);
  sending = post(url(path), fields(extra));
  try {
    const { order } = await sending;
    if (asked === shown) took(order, sent);
    return order;
  } catch (problem) {
    if (asked === shown) refused(problem, sent);
    return null;
  } finally {
    sending = null;
  }
}

function took(order, sent) {
  showError("");
  const same = JSON.stringify(wish) === sent;
  const half = hasHalfAnAddress();
  const stored = same && !half;
  wish = same ? { ...fromOrder(order), ...(half && addressOf(wish)) } : { ...wish, version: order.version };
  if (stored) drafts.forget(KIND, shown);
  else drafts.keep(KIND, shown, { wish }); // with the version that it has now
  if (same) paintForm(form, facts, wish, order);
  paintWhole(order);
  if (order.state === "draft") say(stored ? "Stored" : half ? "The address needs street and city; the rest is stored" : KEPT);
}

function refused(problem, sent) {
  if (ASK_AGAIN.includes(problem.code) && problem.body.order) took(problem.body.order, sent);
  showError(problem.message, problem.code === "order-changed");
  say(drafts.read(KIND, shown) ? "Kept in this browser, not stored" : "Stored, not placed");
}

const save = () => wish && wish.lines.length + wish.version > 0 && send("", {});

async function place() {
  if (placing) return;
  if (timer || sending || !wish.version) {
    if (await send("", {})) say("Stored. Read it back, then place it.");
    return;
  }
  placing = true;
  await send("/place", { ...addressOf(wish), total_cents: wish.total_cents });
  placing = false;
}

/** Look at what the server has; `keep` puts what is on the form in its place. */
async function again(keep) {
  const found = await get(url()).catch((problem) => showError(problem.message));
  if (!found?.shop) return;
  facts = found;
  const { order } = found;
  showError("");
  if (keep && order) {
    wish = { ...wish, order: order.order, version: order.version };
    await save();
    return;
  }
  drafts.forget(KIND, shown);
  wish = order ? fromOrder(order) : empty();
  paintAll(order);
}

async function later() {
  if (timer) await send("", {});
  try {
    await post(url("/later"), { order: wish.order });
    drafts.forget(KIND, shown);
    wish = empty();
    facts.order = null;
    paintAll(null);
    say("Left for the client's next call.");
  } catch (problem) {
    showError(problem.message);
  }
}

function useUsual(basket) {
  for (const line of basket.lines) addLine(wish, facts, line.product, line.options, line.quantity);
  wish.method = wish.method || basket.method || "";
  wish.location = wish.location || basket.location || "";
  fill(form, facts, wish);
  paintForm(form, facts, wish, null);
  edited();
}

function goOn() {
  wish = fromOrder(facts.waiting);
  paintAll(facts.waiting);
  soon();
}

form.addEventListener("input", (event) => {
  if (event.target.id === "order-q") paintFound(form, facts, add);
  else changed();
});
form.addEventListener("change", (event) => event.target.id !== "order-q" && changed(event.target.name === "method"));
form.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.target.tagName === "TEXTAREA" || event.target.tagName === "BUTTON") return;
  event.preventDefault();
  if (event.target.id === "order-q") $("[data-found] button", form)?.click();
});
form.addEventListener("submit", (event) => {
  event.preventDefault();
  place();
});
form.addEventListener("click", (event) => {
  // The second press of a double click is no answer to what the first one brought.
  if (event.detail > 1 && event.target.closest("[type=submit]")) event.preventDefault();
  const remove = event.target.closest("[data-remove]");
  if (!remove) return;
  wish.lines.splice(Number(remove.dataset.remove), 1);
  paintForm(form, facts, wish, null);
  edited();
  $("#order-q", form).focus();
});

function add(code) {
  addLine(wish, facts, code);
  const search = $("#order-q", form);
  search.value = "";
  paintForm(form, facts, wish, null);
  paintFound(form, facts, add);
  edited();
  search.focus();
}

const ACTIONS = { later, load: () => again(false), mine: () => again(true), "go-on": goOn };
for (const [name, act] of Object.entries(ACTIONS)) $(`[data-action="${name}"]`, root).addEventListener("click", act);

$("[data-no-automation]", root).addEventListener("change", async (event) => {
  const error = $("[data-prefer-error]", root);
  error.hidden = true;
  try {
    const { preference } = await post(url().replace(/order$/, "preference"), { no_automation: event.target.checked ? 1 : 0 });
    paintPreference(preference);
  } catch (problem) {
    event.target.checked = !event.target.checked;
    error.hidden = false;
    setText(error, problem.message);
  }
});

/** Alt+Shift+O. */
export const focus = () => !root.hidden && $("#order-q", form).focus();
