// A web call: where the visitor comes from, what they looked at and typed, whether they are here.
// All of it comes from a stranger's browser: it goes in as text, and addresses are checked.

import { $, h, isWebUrl, setText, time } from "./dom.js";
import { model } from "./state.js";

const root = $("#web");
const SOURCES = { api: "asked by the merchant", queue: "kept a place in the queue" };

export function paint() {
  const { call } = model;
  const web = call?.web;
  root.hidden = !web;
  if (root.hidden) return;
  paintHere(web);
  setText($("[data-subject]", root), web.subject || "");
  show($("[data-source]", root), SOURCES[web.source]);
  show($("[data-note]", root), web.note);
  show($("[data-whisper]", root), web.whisper);
  fact("code", web.customer_code);
  fact("page", web.page_title || web.page_url);
  if (web.page_title || web.page_url) $("[data-page]", root).replaceChildren(link(web.page_url, web.page_title));
  paintPages(web.pages || []);
}

function paintHere(web) {
  const chip = $(".here", root);
  chip.hidden = web.visitor_here === undefined || web.visitor_here === null;
  chip.dataset.here = Boolean(web.visitor_here);
  setText($("[data-here-text]", chip), web.visitor_here ? "Visitor is here" : "Visitor has left the page");
}

function show(element, text) {
  element.hidden = !text;
  setText(element, text || "");
}

function fact(name, value) {
  $(`[data-row="${name}"]`, root).hidden = !value;
  setText($(`[data-${name}]`, root), value || "");
}

/** A link that opens apart from the desk and tells the other side nothing of it; text without one. */
export function link(url, title) {
  const text = title || url;
  return isWebUrl(url) ? h("a", { href: url, target: "_blank", rel: "noopener noreferrer", title: url }, text) : text;
}

function paintPages(pages) {
  $('[data-row="pages"]', root).hidden = !pages.length;
  $("[data-pages]", root).replaceChildren(...pages.map(viewed));
}

function viewed({ url, title, at_ms, seconds }) {
  const when = [at_ms && time(new Date(at_ms)), seconds && duration(seconds)].filter(Boolean).join(", ");
  return h("li", {}, link(url, title), " ", h("span", { class: "eyebrow" }, when));
}

/** 75 -> "1 min 15 s" */
export function duration(seconds) {
  const whole = Math.round(seconds);
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}
