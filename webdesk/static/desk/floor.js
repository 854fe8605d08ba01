// The floor page: asks for the state every two seconds and paints two tables.

import { get } from "./api.js";
import { $, clock, h, icon, setText } from "./dom.js";

const EVERY_MS = 2_000;
const LABELS = { offline: "Offline", available: "Available", reserved: "Call is coming", ringing: "Ringing", on_call: "On call", wrap_up: "Wrap-up", paused: "Paused", not_responding: "Not responding" };

const first = JSON.parse($("#floor-state").textContent);

function paint(state) {
  $("#queues").replaceChildren(...state.queues.map(queueRow));
  $("#agents").replaceChildren(...state.agents.map((agent) => agentRow(agent, state.now_ms)));
}

function queueRow(queue) {
  const wait = queue.longest_ms ? clock(queue.longest_ms) : "none";
  const { due, later } = queue.requests;
  const toCall = later ? `${due} now, ${later} later` : due;
  const cells = [queue.waiting, wait, toCall, queue.available, queue.on_call, queue.staffed];
  return h("tr", {}, h("th", { scope: "row" }, queue.name), ...cells.map((cell) => h("td", { class: "num" }, String(cell))));
}

function agentRow(agent, now) {
  const reason = first.reasons[agent.reason] || agent.reason;
  const label = LABELS[agent.state] + (reason && agent.state !== "available" ? ` · ${reason}` : "");
  const state = h("span", { class: "pill", "data-state": agent.state }, icon(agent.state), label);
  return h(
    "tr",
    {},
    h("th", { scope: "row" }, agent.name || agent.username),
    h("td", {}, state),
    h("td", { class: "num" }, agent.since_ms ? clock(now - agent.since_ms) : ""),
    h("td", {}, agent.registered ? "Ready" : "Not registered"),
    h("td", {}, Object.keys(agent.groups).join(", ")),
  );
}

async function refresh() {
  try {
    paint(await get("/floor/state"));
    setText($("#floor-age"), "Up to date");
  } catch (problem) {
    setText($("#floor-age"), `Not up to date: ${problem.message}`);
  }
  setTimeout(refresh, EVERY_MS);
}

paint(first.state);
setTimeout(refresh, EVERY_MS);
