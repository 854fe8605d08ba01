// What an agent without a call looks at: the own queues, the own latest calls.

import { get } from "./api.js";
import { $, clock, h, moment } from "./dom.js";
import { model } from "./state.js";

const EVERY_MS = 5_000;
const root = $("#between");

const isWanted = () => model.call === null && document.visibilityState === "visible";

/** Look again soon; called when a call has left the desk. */
export async function refresh() {
  if (!isWanted()) return;
  try {
    paint(await get("/desk/between-calls"));
  } catch {
    root.hidden = true; // old figures are worse than none
  }
}

function paint({ queues, calls }) {
  $("[data-queues]", root).replaceChildren(...queues.map(queueLine));
  const lines = calls.slice(0, 5).map(callLine);
  const none = h("li", { class: "hint" }, "None in this shift yet.");
  $("[data-recent]", root).replaceChildren(...(lines.length ? lines : [none]));
  root.hidden = false;
}

function queueLine({ name, waiting }) {
  return h("div", { "data-waiting": String(waiting > 0) }, h("dt", {}, name), h("dd", {}, String(waiting)));
}

function callLine(call) {
  const talked = clock(new Date(call.ended) - new Date(call.answered));
  const about = [call.queue, `talked ${talked}`, ...call.results].filter(Boolean).join(" · ");
  const when = h("time", { datetime: call.started }, moment(call.started));
  return h("li", {}, h("div", { class: "line" }, h("span", {}, call.customer || call.ani_text), when), h("p", {}, about));
}

setInterval(refresh, EVERY_MS);
