// Pages that the agent pushes: the newest is shown, the others can be called back. What is really on
// the visitor's screen is told to the agent, with the seconds for which it was.

import { $, h, icon } from "../desk/dom.js";
import { send } from "./api.js";
import { frameIn } from "./frames.js";
import { model } from "./model.js";

const root = $(".shown");
const list = $("#history");
const TELL_EVERY_S = 5;

let shown = null; // the push on the screen
let known = 0;
const seconds = new Map();
const acknowledged = new Set();

/** What is stored of the pages pushed so far: their seconds go on, they are not shown anew. */
export function goOnWith(pushes) {
  for (const { push_id, shown, viewed_seconds } of pushes) {
    seconds.set(push_id, viewed_seconds);
    if (shown) acknowledged.add(push_id);
  }
}

/** Paint what is new; a new page comes to the front. Answers the new push, if there is one. */
export function paint() {
  if (model.pushes.length === known) return null;
  known = model.pushes.length;
  const newest = model.pushes.at(-1);
  list.replaceChildren(...model.pushes.map(entry));
  show(newest);
  return newest;
}

function entry(push) {
  const button = h("button", { class: "button", type: "button", "data-push": push.push_id }, icon("page"), push.title);
  button.addEventListener("click", () => show(push));
  return h("li", {}, button);
}

function show(push) {
  tellViewed();
  shown = push;
  root.dataset.empty = "false";
  root.dataset.framing = push.framing;
  root.dataset.push = push.push_id;
  $("[data-shown-title]", root).textContent = push.title;
  for (const link of root.querySelectorAll("[data-open], [data-open-window]")) link.href = push.url;
  const screen = $("[data-screen]", root);
  if (push.framing === "window") screen.replaceChildren();
  else frameIn(screen, push.url, push.title).addEventListener("load", acknowledge);
  for (const button of list.querySelectorAll("button")) {
    if (button.dataset.push === push.push_id) button.setAttribute("aria-current", "true");
    else button.removeAttribute("aria-current");
  }
}

/** The page is on the screen: not before it has loaded, not while the tab is in the background. */
async function acknowledge() {
  const push = shown;
  if (!push || document.hidden || acknowledged.has(push.push_id)) return;
  acknowledged.add(push.push_id);
  const stored = await send(`/talk/pushes/${push.push_id}/shown`).catch(() => null);
  if (!stored?.stored) {
    // Its record is still on its way: say it again with the next seconds.
    acknowledged.delete(push.push_id);
    setTimeout(acknowledge, 2_000);
  }
}

function count() {
  if (!shown || document.hidden || root.closest("[hidden]") || !acknowledged.has(shown.push_id)) return;
  const total = (seconds.get(shown.push_id) || 0) + 1;
  seconds.set(shown.push_id, total);
  if (total % TELL_EVERY_S === 0 || total === 1) tellViewed();
}

let told = "";
export function tellViewed() {
  const total = shown && seconds.get(shown.push_id);
  const what = shown && `${shown.push_id}:${total}`;
  if (!total || what === told) return;
  told = what;
  send(`/talk/pushes/${shown.push_id}/viewed`, { seconds: total }, { keepalive: true }).catch(() => {});
}

$("[data-open-window]", root).addEventListener("click", () => setTimeout(acknowledge));
document.addEventListener("visibilitychange", () => {
  if (document.hidden) tellViewed();
  else if (shown?.framing === "frame") acknowledge();
});
setInterval(count, 1_000);
