// Wrap-up: how long it lasts, what is still missing, and finishing it.

import { post } from "./api.js";
import { $, setText } from "./dom.js";
import { missing, model, now } from "./state.js";
import * as notes from "./notes.js";

const root = $("#wrapup");
const bar = $("[data-bar]", root);
const error = $("[data-error]", root);
const button = $('[data-action="finish"]', root);

export function paint() {
  const { agent, call } = model;
  const shown = agent.state === "wrap_up" && call !== null;
  if (!shown) showError("");
  root.hidden = !shown;
  if (!shown) return;
  const kinds = missing();
  setText(
    $("[data-hint]", root),
    kinds.length ? `Still to choose: the ${kinds.join(" and the ")} result.` : "Everything is stored. Finish when you are ready.",
  );
  if (!kinds.length) showError("");
  tick();
}

export function tick() {
  const { since_ms, wrap_until_ms } = model.agent;
  if (root.hidden || !wrap_until_ms) return;
  bar.value = Math.max(0, (wrap_until_ms - now()) / Math.max(1, wrap_until_ms - since_ms));
}

function showError(text) {
  error.hidden = !text;
  setText(error, text);
}

export async function finish() {
  if (root.hidden) return;
  button.disabled = true;
  try {
    await notes.flush();
    await post("/desk/agent/finish-wrap-up");
  } catch (problem) {
    showError(problem.message);
  }
  button.disabled = false;
}

button.addEventListener("click", finish);
