// Pushing pages to the visitor's browser: a list to choose from, a link, and what became of each.

import { get, post } from "./api.js";
import * as alerts from "./alerts.js";
import { $, $$, h, newKey, setText, time } from "./dom.js";
import * as drafts from "./drafts.js";
import { model } from "./state.js";
import { duration, link } from "./web.js";

const RETRY_MS = 4_000;
const KIND = "link";

const root = $("#push");
const form = $(".push-form", root);
const search = $("#push-q");
const list = $("#push-list");
const button = $("[data-push]", form);
const linkForm = $(".push-link form", root);
const pushed = $("#pushed");

let callId = "";
let pages = [];
let chosen = []; // ids, in the order in which they were chosen
let keys = {}; // one for each intent, kept until the server has answered

export function paint() {
  const { call } = model;
  root.hidden = !call?.web || Boolean(call.sign_on) || call.state === "offered";
  if (root.hidden) return;
  if (call.id !== callId) begin(call.id);
  const talking = call.state === "connected";
  setText($("[data-hint]", root), talking ? "" : "Pages can be pushed while you talk.");
  for (const control of $$("[type=submit]", root)) control.disabled = !talking;
  paintButton();
  paintPushed(call.web.pushes || []);
}

function begin(id) {
  callId = id;
  [pages, chosen, keys] = [[], [], {}];
  search.value = "";
  showError(form, "");
  showError(linkForm, "");
  const { link: url = "", title = "" } = drafts.read(KIND, id) || {};
  linkForm.elements.link.value = url;
  linkForm.elements.title.value = title;
  $(".push-link", root).open = Boolean(url);
  paintList();
  load(id);
}

async function load(id) {
  if (id !== callId) return;
  try {
    const found = await get(`/desk/calls/${id}/pages`);
    if (id !== callId) return;
    pages = found.pages;
    setText($("[data-hosts]", root), found.hosts.length ? `on ${found.hosts.join(", ")}` : "no host is allowed yet");
    showError(form, "");
    paintList();
  } catch (problem) {
    showError(form, problem.message);
    if (problem.code === "offline" || problem.status >= 500) setTimeout(load, RETRY_MS, id);
  }
}

/** Digits are the page's digits (all of them, written as they are keyed), words its title or address. */
function matches({ digits, title, url }, word) {
  if (/^\*?\d+$/.test(word)) return digits.startsWith(word.replace("*", ""));
  if (/^\*?\d+#$/.test(word)) return digits === word.replace(/[*#]/g, "");
  return `${title} ${url}`.toLowerCase().includes(word);
}

function found() {
  const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
  return pages.filter((page) => words.every((word) => matches(page, word)));
}

function paintList() {
  const none = h("li", { class: "hint" }, pages.length ? "No page matches." : "Loading the pages…");
  const rows = found().map(row);
  list.replaceChildren(...(rows.length ? rows : [none]));
  paintButton();
}

function row(page) {
  const box = h("input", { type: "checkbox", value: page.id, checked: chosen.includes(page.id) });
  box.addEventListener("change", () => {
    chosen = chosen.filter((id) => id !== page.id);
    if (box.checked) chosen.push(page.id);
    delete keys.pages;
    paintButton();
  });
  const words = h("span", {}, h("strong", {}, page.title), h("span", { class: "eyebrow" }, page.url.replace(/^https?:\/\//, "")));
  const label = h("label", {}, box, h("kbd", {}, `*${page.digits}#`), words);
  const preview = link(page.url, "Preview");
  preview.setAttribute("aria-label", `Preview ${page.title} in a new window`);
  return h("li", { "data-page": page.id }, label, preview);
}

/** What Push would push: what is chosen, or else the only page that matches the search. */
function wanted() {
  if (chosen.length) return chosen;
  const only = search.value.trim() ? found() : [];
  return only.length === 1 ? [only[0].id] : [];
}

function paintButton() {
  const count = wanted().length;
  setText(button, count > 1 ? `Push ${count} pages` : "Push");
  button.disabled = count === 0 || model.call?.state !== "connected";
}

function paintPushed(pushes) {
  $('[data-row="pushed"]', root).hidden = !pushes.length;
  const newest = [...pushes].sort((a, b) => b.at_ms - a.at_ms);
  const signature = JSON.stringify(newest);
  if (pushed.dataset.signature === signature) return;
  pushed.dataset.signature = signature;
  pushed.replaceChildren(...newest.map(pushedRow));
}

function pushedRow(push) {
  const how = push.origin === "dtmf" ? "by keys" : "from the desk";
  const about = h("span", { class: "eyebrow" }, `${time(new Date(push.at_ms))}, ${how}`);
  const [state, words] = became(push);
  const status = h("span", { class: "push-state", "data-state": state }, words);
  return h("li", { "data-push": push.push_id }, h("span", {}, link(push.url, push.title), " ", about), status);
}

function became({ shown_ms, viewed_seconds }) {
  if (viewed_seconds) return ["viewed", `viewed ${duration(viewed_seconds)}`];
  return shown_ms ? ["shown", "shown"] : ["sent", "sent"];
}

function showError(where, text) {
  const error = $("[data-error]", where);
  error.hidden = !text;
  setText(error, text);
}

/** Send one intent. Its key stays until the server has answered: sent twice, it is one push. */
async function send(intent, fields, where) {
  keys[intent] ||= newKey();
  const body = new FormData();
  body.set("key", keys[intent]);
  for (const [name, value] of fields) body.append(name, value);
  showError(where, "");
  try {
    const answer = await post(`/desk/calls/${callId}/pages`, body);
    delete keys[intent];
    alerts.announce(`Pushed: ${answer.pushes.map((push) => push.title).join(", ")}`);
    return true;
  } catch (problem) {
    if (problem.code !== "offline") delete keys[intent];
    showError(where, problem.message);
    return false;
  }
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const ids = wanted();
  if (!ids.length || button.disabled) return;
  button.disabled = true;
  if (await send("pages", ids.map((id) => ["page", id]), form)) {
    chosen = [];
    search.value = "";
  }
  paintList();
});
search.addEventListener("input", paintList);
linkForm.addEventListener("submit", async (event) => {
  event.preventDefault();
  const { link: url, title } = linkForm.elements;
  const id = callId;
  if (!(await send("link", [["link", url.value], ["title", title.value]], linkForm))) return;
  drafts.forget(KIND, id);
  if (id === callId) linkForm.reset();
});
linkForm.addEventListener("input", () => {
  delete keys.link;
  const { link: url, title } = linkForm.elements;
  drafts.keep(KIND, callId, { link: url.value, title: title.value });
});

/** Alt+Shift+G: to the search, wherever the agent is. */
export function focus() {
  if (search.offsetParent) search.focus();
}
