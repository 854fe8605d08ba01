// Forms that go back to the merchant. What is typed stays in this browser until the server has it;
// the id that a form gets with its first letter makes it count once, however often it is sent.

import { post } from "./api.js";
import { $, $$, h, newKey, setText, time } from "./dom.js";
import * as drafts from "./drafts.js";
import { model } from "./state.js";

const KIND = "entry";
const NAMES = { order: "Order", complaint: "Complaint", note: "Note" };

const root = $("#entry");
const forms = $$("form", root);
const orphan = $("#orphan-entry");
let callId = "";

export function paint() {
  const { call } = model;
  root.hidden = !call?.web || Boolean(call.sign_on) || call.state === "offered";
  if (!root.hidden) {
    setText($("[data-merchant]", root), call.subscriber?.name || "the merchant");
    if (call.id !== callId) begin(call.id);
    paintSaved(call.web.entries || []);
  }
  paintOrphan();
}

function begin(id) {
  callId = id;
  for (const form of forms) fill(form);
  const typed = forms.find((form) => draftOf(form));
  if (typed) choose(typed.dataset.kind);
}

const nameOf = (form) => `${callId}:${form.dataset.kind}`;
const draftOf = (form) => drafts.read(KIND, nameOf(form));

/** Show what was typed before, or an empty form. */
function fill(form) {
  const draft = draftOf(form);
  form.reset();
  for (const [name, value] of Object.entries(draft?.fields || {})) {
    if (form.elements[name]) form.elements[name].value = value;
  }
  showError(form, "");
  say(form, draft ? "Kept in this browser, not sent yet" : "");
}

const fieldsOf = (form) => Object.fromEntries(new FormData(form));

function keep(form) {
  const id = draftOf(form)?.id || newKey();
  drafts.keep(KIND, nameOf(form), { id, fields: fieldsOf(form) });
  say(form, "Kept in this browser, not sent yet");
}

function say(form, text) {
  setText($("[data-status]", form), text);
}

function showError(form, text) {
  const error = $("[data-error]", form);
  error.hidden = !text;
  setText(error, text);
}

function choose(kind) {
  for (const radio of $$("[name=entry-kind]", root)) radio.checked = radio.value === kind;
  for (const form of forms) form.hidden = form.dataset.kind !== kind;
}

async function send(form) {
  if (!draftOf(form)) keep(form);
  const name = nameOf(form);
  const button = $("[type=submit]", form);
  showError(form, "");
  button.disabled = true;
  try {
    await sendDraft(name);
    if (name === nameOf(form)) {
      fill(form);
      say(form, `Sent at ${time(new Date())}`);
    }
  } catch (problem) {
    showError(form, problem.message);
  }
  button.disabled = false;
}

/** Send a draft of this or an earlier call; it is forgotten only once the server has it. */
async function sendDraft(name) {
  const [call, kind] = name.split(":");
  const { id, fields } = drafts.read(KIND, name);
  await post(`/desk/calls/${call}/entries`, { ...fields, id, kind });
  if (drafts.read(KIND, name)?.id === id) drafts.forget(KIND, name);
}

function paintSaved(entries) {
  const rows = entries.map(({ entry_id, kind, at_ms }) =>
    h("li", { "data-entry": entry_id }, h("span", { class: "line" }, h("span", {}, `${NAMES[kind]} sent`), h("time", {}, at_ms ? time(new Date(at_ms)) : ""))),
  );
  $("[data-saved]", root).replaceChildren(...rows);
}

/** A form of an earlier call that was typed and not sent. */
function paintOrphan() {
  const name = drafts.orphan(KIND, model.call?.id);
  orphan.hidden = !name;
  if (!name) return;
  orphan.dataset.name = name;
  const { fields, at } = drafts.read(KIND, name);
  setText($("[data-kind]", orphan), NAMES[name.split(":")[1]] || "");
  setText($("[data-when]", orphan), `, at ${time(new Date(at))}`);
  setText($("[data-text]", orphan), Object.values(fields).filter(Boolean).join("\n"));
}

for (const form of forms) {
  form.addEventListener("input", () => keep(form));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send(form);
  });
}
for (const radio of $$("[name=entry-kind]", root)) radio.addEventListener("change", () => choose(radio.value));
$('[data-action="send"]', orphan).addEventListener("click", async () => {
  const error = $("[data-error]", orphan);
  try {
    await sendDraft(orphan.dataset.name);
    error.hidden = true;
  } catch (problem) {
    error.hidden = false;
    setText(error, problem.message);
  }
  paintOrphan();
});
$('[data-action="discard"]', orphan).addEventListener("click", () => {
  drafts.forget(KIND, orphan.dataset.name);
  paintOrphan();
});
