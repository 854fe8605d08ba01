// The desk: loads its state, follows the stream, paints what changed.

import * as alerts from "./alerts.js";
import { get } from "./api.js";
import * as between from "./between.js";
import * as card from "./card.js";
import { $, setText } from "./dom.js";
import * as entry from "./entry.js";
import * as history from "./history.js";
import * as lookup from "./lookup.js";
import * as notes from "./notes.js";
import * as order from "./order.js";
import * as presence from "./presence.js";
import * as push from "./push.js";
import * as ranking from "./ranking.js";
import "./shortcuts.js";
import { apply, load, missing, model, now, setClock } from "./state.js";
import { follow } from "./stream.js";
import * as web from "./web.js";
import "./worklists.js";
import * as wrapup from "./wrapup.js";

const WITHDRAWN = {
  caller_hung_up: "The caller hung up before you answered.",
  customer_busy: "The customer is busy. You are free for the next call.",
  customer_no_answer: "The customer did not answer. You are free for the next call.",
  customer_voicemail: "The customer's voicemail answered. You are free for the next call.",
  customer_refused: "The customer declined the call. You are free for the next call.",
  customer_not_proved: "Whoever answered did not know the code. You are free for the next call.",
  customer_hung_up: "The customer hung up before you were connected.",
  customer_cancelled: "The customer does not want to be called any more.",
  customer_failed: "The customer could not be reached. You are free for the next call.",
  customer_unknown: "The customer could not be reached. You are free for the next call.",
  no_answer: "You did not answer, so you get no more calls. Choose Available when you are back.",
  rejected: "The call was rejected on your phone. Choose Available to take calls again.",
  unreachable: "Your phone could not be reached. Check it, then choose Available.",
};
const IDLE = {
  available: ["Ready", "Your next call appears here and rings on your phone."],
  paused: ["Paused", "Choose Available when you are ready for calls."],
  offline: ["Off duty", "You get no calls. Choose Available to start."],
  not_responding: ["Not responding", "A call rang and was not answered. Choose Available when you are back."],
};

/** How far the clocks of server and page may differ, milliseconds. */
const SLACK_MS = 1_500;
const COMPLETE_AGAIN_MS = 2_000;

const idle = $("#idle");

function paint() {
  card.paint();
  wrapup.paint();
  presence.paint();
  paintIdle();
  notes.paint();
  ranking.paint();
  web.paint();
  push.paint();
  order.paint();
  entry.paint();
  lookup.paint();
  history.paint();
  alerts.paintTab(model.call, $("[data-label]").textContent);
}

function paintIdle() {
  const { agent, call } = model;
  if (call === null && idle.hidden) between.refresh();
  idle.hidden = call !== null;
  idle.dataset.state = agent.state;
  const [title, text] = IDLE[agent.state] || ["A call is coming", "Its details appear here in a moment."];
  setText($("[data-title]", idle), title);
  const deaf = agent.state !== "offline" && !agent.registered;
  setText($("p[data-text]", idle), deaf ? "Your phone is not registered, so no call can reach you. Switch it on first." : text);
}

/** The pop: the card alone goes into the next frame, all that can wait comes after it. */
async function pop() {
  performance.mark("call.offered");
  card.paint();
  paintIdle();
  alerts.paintTab(model.call);
  const { customer, queue } = model.call;
  alerts.announce(`Incoming call: ${customer?.name || "unknown caller"}, ${queue?.name || ""}`);
  await card.painted();
  paint();
  complete(model.call);
}

/**
 * The app pops a thin card when the database did not answer it in time. It is completed here as
 * soon as the database answers; what events have said meanwhile stands.
 */
async function complete(thin) {
  if (!thin || thin.subscriber?.code || thin.id !== model.call?.id) return;
  const { call } = await get("/desk/state").catch(() => ({ call: null }));
  if (model.call?.id !== thin.id) return;
  if (!call?.subscriber?.code) {
    setTimeout(() => complete(thin), COMPLETE_AGAIN_MS);
    return;
  }
  const { state, connected_ms, dispositions, note } = model.call;
  const heard = { state, dispositions: { ...call.dispositions, ...dispositions }, note: note || call.note };
  model.call = { ...call, ...heard, connected_ms: connected_ms || call.connected_ms };
  paint();
}

/** Wrap-up that ran out with something missing: the system has said what the agent did not. */
function tellTimeOut(before) {
  const { state, wrap_until_ms } = before.agent;
  if (state !== "wrap_up" || model.agent.state === "wrap_up" || !before.missing.length) return;
  if (now() < wrap_until_ms - SLACK_MS) return;
  alerts.say(`Time was up. The system's own code was stored for the ${before.missing.join(" and the ")} offer.`);
}

function receive(type, data) {
  const before = { agent: model.agent, missing: missing() };
  apply(type, data);
  tellTimeOut(before);
  if (type === "call.offered") {
    pop();
    return;
  }
  if (type === "offer.attached") ranking.announce(data);
  if (type === "call.connected") alerts.announce("In contact");
  if (type === "call.withdrawn") alerts.say(WITHDRAWN[data.reason] || "The call was taken back.");
  paint();
}

async function reset() {
  const state = await get("/desk/state");
  load(state);
  paint();
  return state.position;
}

function signedOut() {
  location.assign("/login");
}

function guardLogOut() {
  const form = $(".who");
  const dialog = $("#leave");
  let sure = false;
  form.addEventListener("submit", (event) => {
    if (sure || !["ringing", "on_call", "wrap_up"].includes(model.agent.state)) return;
    event.preventDefault();
    dialog.showModal();
  });
  $('[data-action="stay"]', dialog).addEventListener("click", () => dialog.close());
  $('[data-action="leave"]', dialog).addEventListener("click", async () => {
    sure = true;
    await notes.flush();
    form.requestSubmit();
  });
}

function start() {
  const { state, reasons } = JSON.parse($("#desk-state").textContent);
  model.reasons = reasons;
  load(state);
  paint();
  guardLogOut();
  between.refresh();
  follow(state.position, { event: receive, link: presence.paintLink, clock: setClock, reset, signedOut });
  setInterval(() => {
    presence.tick();
    card.tick();
    wrapup.tick();
  }, 250);
}

start();
