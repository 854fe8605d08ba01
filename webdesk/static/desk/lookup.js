// The agent asks the database; what was gathered on the call goes along, the result is attached.

import { post } from "./api.js";
import { $, h, newKey, setText } from "./dom.js";
import { model } from "./state.js";

const GATHERED = ["SUBSCRIBER", "ANI", "DNIS", "CED_ACCOUNT", "MENU_CHOICE", "ACCOUNT_NUMBER", "CUSTOMER_ID", "IDENTIFIED_BY"];
const HINTS = { account: "Account number", phone: "Telephone number", name: "First letters of the name" };

const root = $("#lookup");
const form = $("form", root);
const field = form.elements.q;
const results = $("[data-results]", root);
let callId = "";

/** A new call starts with an empty look-up, pre-filled with what the caller keyed. */
export function paint() {
  const { call } = model;
  if (call && call.id !== callId) {
    callId = call.id;
    results.replaceChildren();
    showError("");
    form.elements.by.value = "account";
    field.value = call.customer ? "" : call.cti?.CED_ACCOUNT || "";
    paintHint();
  }
  if (call) paintSent(call);
}

function paintSent(call) {
  const sent = GATHERED.filter((key) => call.cti?.[key]).map((key) => `${key} = ${call.cti[key]}`);
  setText($("[data-count]", form), String(sent.length));
  $("[data-sent]", form).replaceChildren(...sent.map((line) => h("li", {}, line)));
}

function paintHint() {
  field.placeholder = HINTS[form.elements.by.value];
  field.inputMode = form.elements.by.value === "name" ? "text" : "tel";
}

function showError(text) {
  const error = $("[data-error]", form);
  error.hidden = !text;
  setText(error, text);
}

async function search() {
  const query = { by: form.elements.by.value, q: field.value };
  const asked = callId;
  showError("");
  try {
    const found = await post(`/desk/calls/${asked}/lookup`, query);
    if (asked === callId) paintResults(found.results, query);
  } catch (problem) {
    showError(problem.message);
  }
}

function paintResults(rows, query) {
  const none = h("p", { class: "hint" }, "No customer of this company matches.");
  results.replaceChildren(...(rows.length ? rows.map((row) => result(row, query)) : [none]));
}

function result(row, query) {
  const attach = h("button", { type: "button", class: "button" }, "Attach");
  attach.setAttribute("aria-label", `Attach ${row.name} to this call`);
  const about = [row.account, row.phone_text.join(", "), row.city].filter(Boolean).join(" · ");
  const box = h("div", { class: "result" }, h("div", {}, h("strong", {}, row.name), h("p", {}, about)), attach);
  const key = newKey();
  attach.addEventListener("click", () => attachTo(box, attach, { ...query, customer: row.id, account: row.account || "", key }));
  return box;
}

async function attachTo(box, button, fields) {
  button.disabled = true;
  showError("");
  try {
    await post(`/desk/calls/${callId}/lookup/attach`, fields);
    for (const other of results.children) delete other.dataset.attached;
    box.dataset.attached = "true";
    setText(button, "Attached");
  } catch (problem) {
    showError(problem.message);
    button.disabled = false;
  }
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  search();
});
form.addEventListener("change", paintHint);
