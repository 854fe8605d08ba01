// The agent's own state: what it is, since when, what can be chosen; the phone; the connection.

import { post } from "./api.js";
import { $, $$, clock, setIcon, setText } from "./dom.js";
import { say } from "./alerts.js";
import { model, now } from "./state.js";

const LABELS = {
  offline: "Offline",
  available: "Available",
  reserved: "Call is coming",
  ringing: "Ringing",
  on_call: "On call",
  wrap_up: "Wrap-up",
  paused: "Paused",
  not_responding: "Not responding",
};
const IN_CALL = ["reserved", "ringing", "on_call", "wrap_up"];
const LINKS = { live: "Live", lost: "Reconnecting", connecting: "Connecting" };

const bar = $("#presence");
const phone = $("#phone");
const link = $("#link");
const menu = $("#pause-menu");
const pauseButton = $('[data-action="pause"]', bar);
const availableButton = $('[data-action="available"]', bar);

export function paint() {
  const { agent } = model;
  bar.dataset.state = agent.state;
  setIcon(bar, agent.state);
  setText($("[data-label]", bar), LABELS[agent.state]);
  setText($("[data-reason]", bar), words());
  availableButton.setAttribute("aria-pressed", agent.chosen === "available");
  pauseButton.setAttribute("aria-pressed", agent.chosen === "paused");
  phone.dataset.registered = Boolean(agent.registered);
  setIcon(phone, agent.registered ? "on_call" : "phone-off");
  setText($("[data-text]", phone), agent.registered ? "Phone ready" : "Phone not registered");
  phone.title = agent.device || "Your phone";
  tick();
}

/** Why, or what comes after the call. */
function words() {
  const { agent, reasons } = model;
  if (IN_CALL.includes(agent.state)) {
    return { paused: "then pause", offline: "then offline" }[agent.chosen] || "";
  }
  return agent.state === "available" ? "" : reasons[agent.reason] || agent.reason || "";
}

export function tick() {
  const { since_ms } = model.agent;
  setText($("[data-timer]", bar), clock(since_ms ? now() - since_ms : 0));
}

export function paintLink(state) {
  link.dataset.link = state;
  setText($("[data-text]", link), LINKS[state]);
}

export async function makeAvailable() {
  await choose("/desk/agent/available");
}

async function choose(url, fields) {
  try {
    await post(url, fields);
  } catch (problem) {
    say(problem.message);
  }
}

export function toggleMenu(open = menu.hidden) {
  menu.hidden = !open;
  pauseButton.setAttribute("aria-expanded", open);
  if (open) $("button", menu).focus();
  else if (menu.contains(document.activeElement)) pauseButton.focus();
}

function moveInMenu(step) {
  const items = $$("button", menu);
  const at = items.indexOf(document.activeElement);
  items[(at + step + items.length) % items.length].focus();
}

const KEYS = {
  ArrowDown: () => moveInMenu(1),
  ArrowUp: () => moveInMenu(-1),
  Escape: () => toggleMenu(false),
};

availableButton.addEventListener("click", makeAvailable);
pauseButton.addEventListener("click", () => toggleMenu());
menu.addEventListener("click", (event) => {
  const reason = event.target.closest("[data-pause]")?.dataset.pause;
  if (!reason) return;
  toggleMenu(false);
  choose("/desk/agent/pause", { reason });
});
menu.addEventListener("keydown", (event) => {
  if (!(event.key in KEYS)) return;
  event.preventDefault();
  KEYS[event.key]();
});
document.addEventListener("click", (event) => {
  if (!menu.hidden && !event.target.closest(".menu")) toggleMenu(false);
});
