// From the request to the end of the call: loads its state, follows the stream, shows the phase.

import { $, $$, clock, setText, time } from "../desk/dom.js";
import { followStream } from "../live.js";
import { ask, send, withSid } from "./api.js";
import { greet, inPanel, isKnown, tell } from "./host.js";
import { keep, kept } from "./keep.js";
import { EVENT_TYPES, apply, load, model, now, phase, setClock } from "./model.js";
import * as promotions from "./promotions.js";
import * as pushes from "./pushes.js";
import { FAILED, LEG, RETRY, WHY, progress } from "./words.js";

const state = JSON.parse($("#talk-state").textContent);
const own = `/talk/${state.sid}/call/${state.request.id}`;
const page = crypto.randomUUID ? crypto.randomUUID() : `page-${Math.random().toString(36).slice(2)}`;
const part = (name) => $(`[data-phase="${name}"]`);
const LIVE = ["later", "connect", "talk", "retry"];

let shown = "";

function paint() {
  const wanted = phase();
  if (wanted !== shown) enter(wanted);
  painters[wanted]();
}

function enter(wanted) {
  const hadFocus = document.activeElement?.closest("[data-phase]");
  for (const element of $$("[data-phase]")) element.hidden = element.dataset.phase !== wanted;
  if (wanted !== "connect") promotions.stop();
  shown = wanted;
  painters[wanted]();
  if (hadFocus) $("h1", part(wanted)).focus();
  say($("h1", part(wanted)).textContent);
  tellHost();
}

/** Read out by screen readers. */
const say = (text) => setText($("#announce"), text);

const painters = {
  later() {
    paintDue(part("later"));
    paintProof(part("later"));
  },
  connect() {
    const root = part("connect");
    const [title, hint] = progress(model.legs, state.number_text);
    if (shown === "connect" && $("[data-title]", root).textContent !== title) say(title);
    setText($("[data-title]", root), title);
    setText($("[data-hint]", root), hint);
    for (const leg of ["customer", "agent"]) {
      const value = model.legs[leg] || "";
      const plug = $(`[data-leg="${leg}"]`, root);
      plug.dataset.state = value;
      $("#cord").dataset[leg] = value;
      setText($("[data-word]", plug), LEG[leg][value] || value);
    }
    paintProof(root);
    promotions.start(state.promotions);
  },
  talk() {
    const { agent } = model.call;
    setText($("[data-title]", part("talk")), agent ? `You are talking with ${agent}` : "You are talking");
    tick();
    const pushed = pushes.paint();
    if (pushed) say(`${agent || "Your representative"} shows you: ${pushed.title}`);
  },
  retry() {
    const [title, hint] = RETRY[model.request.outcome] || ["That did not work", "We try again by ourselves."];
    setText($("[data-title]", part("retry")), title);
    setText($("[data-hint]", part("retry")), hint);
    paintDue(part("retry"));
  },
  done() {
    const { agent, connected_ms, ended_ms } = model.call;
    const root = part("done");
    setText($("[data-agent-name]", root), agent || "our representative");
    setText($("[data-talked]", root), connected_ms && ended_ms ? clock(ended_ms - connected_ms) : "a moment");
    const pages = model.pushes.map(({ url, title }) => {
      const link = Object.assign(document.createElement("a"), { href: url, target: "_blank", rel: "noopener noreferrer" });
      link.textContent = title;
      const line = document.createElement("li");
      line.append(link);
      return line;
    });
    $("[data-shown-pages]", root).hidden = !pages.length;
    $(".page-list", root).replaceChildren(...pages);
    if (state.surveyed) thank();
  },
  failed() {
    const { state: how, outcome } = model.request;
    const [title, hint] = FAILED[how] || FAILED.given_up;
    setText($("[data-title]", part("failed")), title);
    setText($("[data-hint]", part("failed")), (how === "given_up" && WHY[outcome]) || hint);
  },
};

const DAY = new Intl.DateTimeFormat(undefined, { weekday: "long", month: "long", day: "numeric" });

function paintDue(root) {
  const due = new Date(model.request.due_ms);
  const element = $("[data-due]", root);
  element.dateTime = due.toISOString();
  const today = due.toDateString() === new Date().toDateString();
  setText(element, `${today ? "today" : DAY.format(due)} at ${time(due)}`);
}

function paintProof(root) {
  const proof = $("[data-proof]", root);
  proof.hidden = !state.request.proof_code;
  setText($("strong", proof), state.request.proof_code || "");
}

function tick() {
  if (shown === "talk") setText($("[data-timer]"), clock(now() - (model.call.connected_ms || now())));
  else if (LIVE.includes(shown) && phase() !== shown) paint(); // its time has come
}

function tellHost() {
  $$('[data-action="close"]').forEach((button) => (button.hidden = !(inPanel && isKnown())));
  tell("at", { url: location.href, live: LIVE.includes(shown), title: $("h1", part(shown)).textContent });
}

// --- What the visitor does ------------------------------------------------------------------------
async function attempt(button, path, done) {
  button.disabled = true;
  try {
    await send(`${own}/${path}`);
    $("#trouble").hidden = true;
    done?.();
  } catch (error) {
    setText($("#trouble"), error.message);
    $("#trouble").hidden = false;
    button.disabled = false;
  }
}

const actions = {
  cancel: (button) => attempt(button, "cancel", refresh),
  end: (button) => attempt(button, "end"),
  close: () => tell("close"),
};
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-action]");
  actions[button?.dataset.action]?.(button);
});

const COMMENT = `talk-comment:${location.pathname}`;
$("#comment").value ||= kept(COMMENT, "");
$("#comment").addEventListener("input", ({ target }) => keep(COMMENT, target.value));
$("#survey").addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = event.target;
  const error = $("[data-error]", form);
  try {
    if (!form.elements.score.value) throw new Error("Choose one to five stars first.");
    await send(`${own}/survey`, Object.fromEntries(new FormData(form)));
    thank();
  } catch (problem) {
    setText(error, problem.message);
    error.hidden = false;
  }
});

function thank() {
  keep(COMMENT, null);
  $("#survey").hidden = true;
  $(".thanks").hidden = false;
}

// --- The stream -------------------------------------------------------------------------------------
async function refresh() {
  const fresh = await ask(`${own}/state`);
  load(fresh);
  paint();
  return fresh.position;
}

const stream = {
  event(type, data) {
    apply(type, data);
    paint();
  },
  link(how) {
    $("#link").dataset.link = how;
    setText($("[data-text]", $("#link")), how === "live" ? "live" : "connecting");
  },
  clock: setClock,
  reset: refresh,
  signedOut() {},
};

addEventListener("pagehide", () => {
  pushes.tellViewed();
  send(`/talk/bye?page=${page}`, {}, { keepalive: true }).catch(() => {});
});

const remember = location.hash === "#remember";
if (remember) history.replaceState(null, "", location.pathname);
load(state);
pushes.goOnWith(state.pushes);
for (const path of Object.keys(sessionStorageOf("talk-draft:"))) keep(path, null);
greet(() => {
  if (remember) tell("remember", { number: state.number });
  tellHost();
});
paint();
followStream((from) => withSid(`/talk/events?from=${from}&page=${page}`), EVENT_TYPES, state.position, stream);
setInterval(tick, 500);

/** What this tab keeps under names with this beginning. */
function sessionStorageOf(prefix) {
  try {
    return Object.fromEntries(Object.entries(sessionStorage).filter(([name]) => name.startsWith(prefix)));
  } catch {
    return {};
  }
}
