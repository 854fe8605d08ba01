// The call card: who calls, how they were identified, what is attached. Painted straight from JSON.

import { $, clock, day, h, setIcon, setText } from "./dom.js";
import { model, now } from "./state.js";
import * as offers from "./offers.js";
import * as ranking from "./ranking.js";

const root = $("#call");
const head = $("[data-head]", root);
const outage = $("#outage");
const identity = $("[data-identity]", head);

const STATES = { offered: "Incoming call", signing_on: "Waiting for your sign-on", connected: "In contact", wrap_up: "Call ended" };
const CLOCKS = { offered: "Ringing", signing_on: "Waiting", connected: "Talking", wrap_up: "Wrap-up left" };

const NO_FRAME_MS = 100;

let paintedCti = {};

export function paint() {
  const { call } = model;
  root.hidden = call === null;
  root.dataset.call = call?.id || "";
  root.dataset.state = call?.state || "";
  if (!call) return;
  paintHead(call);
  paintCustomer(call);
  paintCti(call);
  paintOutage(call);
  offers.paint(call);
  ranking.reserve(call);
  tick();
}

/**
 * Waits until the card is really on the screen, after the frame that holds it, and notes when.
 * A page that is not looked at gets no frames: then it does not wait for one.
 */
export async function painted() {
  await new Promise((frame) => {
    requestAnimationFrame(frame);
    setTimeout(frame, NO_FRAME_MS);
  });
  await new Promise((after) => {
    const channel = new MessageChannel();
    channel.port1.onmessage = after;
    channel.port2.postMessage(null);
  });
  root.dataset.paintedMs = (performance.timeOrigin + performance.now()).toFixed(1);
  performance.mark("call.painted");
}

function paintHead(call) {
  setText($("[data-state-text]", head), STATES[call.state]);
  setText($("[data-subscriber]", head), call.subscriber?.name ? `· ${call.subscriber.name}` : "");
  setText($("[data-name]", head), call.customer?.name || (call.sign_on ? call.web?.subject : "") || "Unknown caller");
  setText($("[data-ani]", head), call.ani_text || (call.sign_on ? "Web call" : "No number"));
  setText($("[data-queue]", head), call.queue?.name || "None");
  setText($("[data-waited]", head), clock((call.waited_s || 0) * 1000));
  setText($("[data-dnis]", head), call.dnis_text || "");
  setText($("[data-clock-label]", head), CLOCKS[call.state]);
  paintSignOn(call);
  identity.dataset.verified = Boolean(call.verified);
  setIcon(identity, call.verified ? "verified" : "unverified");
  setText($("[data-verified]", identity), call.verified ? "Verified" : "Not verified");
  const how = call.identified_text;
  setText($("[data-identified]", identity), how ? `Identified by ${how}` : "Not identified");
}

/** Of a web call nothing more is known here before the agent has signed on by phone. */
function paintSignOn(call) {
  const line = $("#sign-on", head);
  line.hidden = !call.sign_on || !["offered", "signing_on"].includes(call.state);
  const keys = call.sign_on === "pin" ? "key your PIN and press #" : "press #";
  const when = call.state === "offered" ? "When you have answered, " : "On your phone, ";
  setText(line, line.hidden ? "" : `${when}${keys} to sign on: then you see who it is.`);
}

function paintCustomer(call) {
  const { customer } = call;
  const facts = customer
    ? {
        Account: customer.account,
        Segment: customer.segment,
        "Customer since": customer.since && day(customer.since),
        Email: customer.email,
        Product: customer.product,
      }
    : {};
  const rows = Object.entries(facts).filter(([, value]) => value);
  const advice = h("dd", { class: "hint" }, "Nobody was found for this call. Look the caller up.");
  const none = h("div", { class: "nobody" }, h("dt", { class: "vh" }, "Customer"), advice);
  $("#customer").replaceChildren(
    ...(rows.length ? rows.map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, ...breakable(value, "@")))) : [none]),
  );
}

function paintCti(call) {
  const known = paintedCti.call === call.id ? paintedCti.cti : call.cti;
  const rows = Object.entries(call.cti || {}).sort(([a], [b]) => (a < b ? -1 : 1));
  $("#cti").replaceChildren(
    ...rows.map(([key, value]) =>
      h("tr", { class: known?.[key] === value ? null : "fresh" }, h("th", { scope: "row" }, ...breakable(key, "_")), h("td", {}, value)),
    ),
  );
  paintedCti = { call: call.id, cti: call.cti };
}

/** A long text may be broken after each `mark`. */
function breakable(text, mark) {
  const words = text.split(mark);
  return words.flatMap((word, at) => (at < words.length - 1 ? [`${word}${mark}`, h("wbr")] : [word]));
}

function paintOutage(call) {
  outage.hidden = !call.outage;
  if (!call.outage) return;
  setText($("[data-title]", outage), call.outage.title);
  const expected = call.outage.expected_text;
  setText($("[data-expected]", outage), expected ? `Expected to be over: ${expected}, ${call.outage.zone} time` : "No end is known yet.");
  $("[data-script]", outage).replaceChildren(...(call.outage.script || []).map(paragraph));
}

function paragraph(pieces) {
  const gap = (piece) => h("mark", { class: "gap", title: "Not known for this customer: ask" }, piece.text);
  return h("p", {}, ...pieces.map((piece) => (piece.gap ? gap(piece) : piece.text)));
}

export function tick() {
  const { agent, call } = model;
  if (!call) return;
  const ms = {
    offered: () => now() - (agent.since_ms || now()),
    signing_on: () => now() - (agent.since_ms || now()),
    connected: () => now() - (call.connected_ms || now()),
    wrap_up: () => (agent.wrap_until_ms ? agent.wrap_until_ms - now() : 0),
  }[call.state]();
  setText($("[data-clock]", head), clock(ms));
}
