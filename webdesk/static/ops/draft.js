// What was typed into a form is kept in this browser until it was saved: a lost connection, an ended
// session or a closed tab costs nothing. Nothing is put back by itself; the person decides.

import { $, $$, h, moment } from "../desk/dom.js";

const PREFIX = "cordboard-ops-draft:";
const key = PREFIX + location.pathname + location.search;

/** All fields as [name, value] pairs, without token and secrets. */
function typed(form) {
  return [...new FormData(form)].filter(([name]) => name !== "csrf_token");
}

function read() {
  try {
    return JSON.parse(localStorage.getItem(key));
  } catch {
    return null;
  }
}

function write(form) {
  try {
    localStorage.setItem(key, JSON.stringify({ at: new Date().toISOString(), fields: typed(form) }));
  } catch {
    // A full or forbidden storage must not stop the typing.
  }
}

function same(one, other) {
  const content = (fields) => JSON.stringify(fields.filter(([name]) => name !== "version"));
  return content(one) === content(other);
}

/** Put values back; lines that are not there yet are added first. */
function restore(form, fields) {
  const left = new Map();
  for (const [name, value] of fields) left.set(name, [...(left.get(name) || []), value]);
  for (const list of $$("[data-pairs]", form)) {
    const each = $$("input, select", $("[data-pair]", list) || list).length || 1;
    const wanted = [...left.keys()].filter((name) => name.startsWith(`${list.dataset.pairs}-`)).length / each;
    while ($$("[data-pair]", list).length < wanted) $("[data-add]", list).click();
    const values = fields.filter(([name]) => name.startsWith(`${list.dataset.pairs}-`)).map(([, value]) => value);
    $$("[data-pair] :is(input, select)", list).forEach((control, at) => (control.value = values[at] ?? ""));
  }
  for (const control of form.elements) {
    if (!control.name || control.type === "hidden" || control.closest("[data-pairs]")) continue;
    const values = left.get(control.name) || [];
    if (control.type === "checkbox" || control.type === "radio") control.checked = values.includes(control.value);
    else if (values.length) control.value = values[0];
  }
  form.dispatchEvent(new Event("restored"));
}

function offer(form, draft) {
  const back = h("button", { class: "button", type: "button" }, "Put it back");
  const away = h("button", { class: "button quiet", type: "button" }, "Discard");
  const text = h("span", {}, `You typed something here (${moment(draft.at)}) that was not saved. `);
  const bar = h("div", { class: "alert draft", role: "status" }, text, back, away);
  back.addEventListener("click", () => {
    restore(form, draft.fields);
    write(form);
    bar.remove();
    $("input:not([type=hidden]), textarea, select", form).focus();
  });
  away.addEventListener("click", () => {
    localStorage.removeItem(key);
    bar.remove();
  });
  form.before(bar);
}

/** Keep a form's text; `$("[data-summary]")` says that the server has just sent it back. */
export function keep(form) {
  const draft = read();
  const sentBack = $("[data-summary]", form);
  if (draft && !sentBack && !same(draft.fields, typed(form))) offer(form, draft);
  form.addEventListener("input", () => write(form));
  form.addEventListener("submit", () => {
    write(form);
    sessionStorage.setItem(`${PREFIX}sent`, key);
  });
}

/** A page that says "saved" ends the draft that was sent. */
export function forget() {
  const sent = sessionStorage.getItem(`${PREFIX}sent`);
  if (sent) localStorage.removeItem(sent);
  sessionStorage.removeItem(`${PREFIX}sent`);
}
