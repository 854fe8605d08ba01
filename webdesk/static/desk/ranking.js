// The ranked offers of the call with the reason for each, and presenting another than the first. What is
// presented, here or in another window, takes the lamp, the page and the codes of its kind.

import * as alerts from "./alerts.js";
import { post } from "./api.js";
import { $, h, setText } from "./dom.js";
import { model } from "./state.js";
import * as offers from "./offers.js";

const root = $("#ranking");
const list = $("[data-ranked]", root);
const keptOut = $("[data-kept-out]", root);
const error = $("[data-error]", root);

const ANSWERS = { interested: "Said yes to", not_interested: "Said no to", later: "Said “later” to" };
const PRESENTED = { agent: "presented", ivr: "presented automatically", web: "seen on the web", chat: "presented in the chat" };

let painted = "";
let wanted = ""; // what was asked for in this window: the focus goes there when it has come

/** The place of the list, as high as it will be with it: nothing moves when it comes. */
export function reserve(call) {
  root.hidden = !call.customer || Boolean(call.sign_on);
  paintAnswer(call);
}

export function paint() {
  const { call } = model;
  if (!call || root.hidden) return;
  const signature = JSON.stringify([call.id, call.state, call.ranking, call.decision, call.offers]);
  if (signature === painted) return;
  if (!painted.includes(call.id)) showError("");
  painted = signature;
  const ranking = call.ranking || [];
  const offered = ranking.filter(({ state }) => state === "offered");
  setText($("[data-route]", root), routeWords(call, ranking));
  const most = { value: largest(offered, "value_cents"), ev: largest(offered, "ev_cents") };
  const focused = document.activeElement?.closest("#ranking [data-code]")?.dataset.code;
  list.replaceChildren(...offered.map((entry) => row(call, entry, most)));
  if (focused) $(`[data-code="${CSS.escape(focused)}"] button`, list)?.focus();
  paintKeptOut(ranking.filter(({ state }) => state !== "offered"));
}

const largest = (entries, field) => Math.max(1, ...entries.map((entry) => entry[field] || 0));

function routeWords({ decision }, ranking) {
  if (!decision) return "No list was made for this call: the offers above are what is known.";
  const route = decision.route?.words ? `Why here: ${decision.route.words}` : "";
  const tried = decision.explored ? "The first was chosen to learn from it." : "";
  const none = ranking.length ? "" : "There is nothing to offer.";
  return [route, tried, none].filter(Boolean).join(" ");
}

function paintAnswer(call) {
  const line = $("#ivr-answer");
  const said = ANSWERS[call.cti?.OFFER_ANSWER];
  line.hidden = !said;
  const played = (call.ranking || []).find(({ presented }) => presented === "ivr");
  setText($("[data-text]", line), said ? `${said} the automated offer${played ? `: ${played.title}` : ""}` : "");
}

const attachedOf = (call, kind) => (call.offers || []).find((offer) => offer.kind === kind);

function row(call, entry, most) {
  const attached = attachedOf(call, entry.kind);
  const isAttached = attached?.code === entry.code;
  const presented = entry.presented || (isAttached && attached.opened && "agent");
  const marks = [
    entry.result && h("span", { class: "badge done" }, entry.result),
    presented && !entry.result && h("span", { class: "badge" }, PRESENTED[presented] || "presented"),
  ];
  const about = [entry.kind, entry.code, entry.skill && `for agents with ${entry.skill}`].filter(Boolean).join(" · ");
  const words = h("div", { class: "ranked-words" }, h("strong", {}, entry.title || entry.code), h("span", { class: "eyebrow" }, about));
  const bars = h(
    "dl",
    { class: "bars" },
    bar("Likely", "Probability that this customer accepts", entry.p_text, entry.p),
    bar("Value", "What it is worth when accepted", entry.value_text, entry.value_cents / most.value),
    bar("Expected", "Probability times value: the order of this list", entry.ev_text, entry.ev_cents / most.ev),
  );
  return h(
    "li",
    { "data-code": entry.code, "data-kind": entry.kind, "data-attached": String(isAttached) },
    h("span", { class: "rank" }, h("span", { class: "vh" }, "Rank "), String(entry.rank)),
    words,
    h("div", { class: "ranked-do" }, ...marks.filter(Boolean), isAttached ? h("span", { class: "status" }, "shown above") : choice(call, entry, attached)),
    bars,
    h("p", { class: "why" }, entry.words || ""),
  );
}

function bar(name, meaning, text, share) {
  const gauge = h("progress", { max: 1, "aria-hidden": "true", tabindex: "-1" });
  gauge.value = Math.min(1, Math.max(0, share || 0));
  return h("div", { title: meaning }, h("dt", {}, name), h("dd", {}, text || "?"), gauge);
}

/** The button that presents it, or why there is none. */
function choice(call, entry, attached) {
  if (!["connected", "wrap_up"].includes(call.state)) return null;
  if (entry.channels && !entry.channels.includes("agent")) return h("span", { class: "status" }, "not by agents");
  if (entry.has_page === false) return h("span", { class: "status" }, "has no page");
  const button = h("button", { type: "button", class: "button" }, attached ? "Present this instead" : "Present this");
  button.setAttribute("aria-label", `${button.textContent}${attached ? ` of ${attached.title || attached.code}` : ""}: ${entry.title || entry.code}`);
  button.addEventListener("click", () => present(call.id, entry, button));
  return button;
}

/** Those with a reason of their own first; what no list was formed with is the least of it. */
function paintKeptOut(all) {
  const unlisted = ({ why }) => ["no_strategy", "not_listed_yet", "not_among_best"].includes(why);
  const entries = [...all.filter((entry) => !unlisted(entry)), ...all.filter(unlisted)];
  keptOut.hidden = !entries.length;
  setText($("summary", keptOut), `Kept out: ${entries.length}`);
  $("ul", keptOut).replaceChildren(
    ...entries.map((entry) =>
      h("li", { "data-code": entry.code }, h("strong", {}, entry.title || entry.code), h("span", { class: "eyebrow" }, `${entry.kind} · ${entry.code}`), h("p", {}, entry.words || entry.why || "")),
    ),
  );
}

function showError(text) {
  error.hidden = !text;
  setText(error, text);
}

async function present(callId, entry, button) {
  button.disabled = true;
  wanted = entry.code;
  showError("");
  try {
    await post(`/desk/calls/${callId}/offers/${encodeURIComponent(entry.code)}/present`);
  } catch (problem) {
    wanted = "";
    showError(problem.message);
  } finally {
    button.disabled = false; // another window may have been first: then no event comes
  }
}

/** Another offer is presented: said aloud in every window, and where it was asked for the lamp gets the focus. */
export function announce({ call_id, kind, code }) {
  if (call_id !== model.call?.id) return;
  const offer = attachedOf(model.call, kind);
  alerts.announce(`Presented now: ${offer?.title || code}`);
  if (wanted !== code) return;
  wanted = "";
  queueMicrotask(() => offers.focus(kind));
}
