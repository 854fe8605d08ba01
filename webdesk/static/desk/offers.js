// The two lamps and the results of the conversation. A lamp is lit only when code and URL are both
// there and only while agent and caller are in contact.

import { post } from "./api.js";
import { $, $$, h, icon, isWebUrl, newKey, setText } from "./dom.js";
import { model } from "./state.js";

const WINDOW = "popup,noopener,noreferrer,width=900,height=960";

export function paint(call) {
  for (const box of $$("#offers .offer")) paintOffer(box, call, box.dataset.kind);
}

const offerOf = (call, kind) => (call.offers || []).find((offer) => offer.kind === kind);

const isLit = (call, offer) =>
  Boolean(call.state === "connected" && offer && offer.code && isWebUrl(offer.url));

function paintOffer(box, call, kind) {
  const offer = offerOf(call, kind);
  const lit = isLit(call, offer);
  box.dataset.lit = lit;
  setText($("[data-code]", box), offer ? `· ${offer.code}` : "");
  setText($("[data-title]", box), offer ? offer.title || offer.code : `No ${kind} offer`);
  setText($("[data-hint]", box), hint(call, offer, lit));
  paintLink($(".offer-icon", box), offer, lit);
  box.dataset.code = offer?.code || "";
  paintCodes($(".codes", box), call, kind, offer);
}

function hint(call, offer, lit) {
  if (!offer) return "Nothing to offer here on this call.";
  if (lit) return "Open description and script";
  if (!isWebUrl(offer.url)) return "This offer has no page.";
  return call.state === "offered" ? "Lights when you are connected." : "Contact has ended.";
}

function paintLink(link, offer, lit) {
  link.setAttribute("aria-disabled", !lit);
  if (lit) {
    link.href = offer.url;
    link.target = "_blank";
    link.rel = "noopener noreferrer";
  } else {
    for (const name of ["href", "target", "rel"]) link.removeAttribute(name);
  }
}

function paintCodes(form, call, kind, offer) {
  const codes = (offer && call.codes?.[kind]) || [];
  const chosen = call.dispositions?.[kind];
  form.hidden = codes.length === 0 || call.state === "offered"; // nothing to tell before contact
  const list = $("[data-codes]", form);
  const signature = JSON.stringify([call.id, offer?.code, codes]);
  if (list.dataset.signature !== signature) {
    list.dataset.signature = signature;
    list.replaceChildren(...codes.map(codeButton));
    form.elements.key.value = newKey();
    form.elements.offer.value = offer?.code || "";
    showError(form, "");
  }
  for (const button of $$("button", list)) button.setAttribute("aria-pressed", button.value === chosen);
  paintBadge($("[data-required]", form), (call.required || []).includes(kind), Boolean(chosen));
}

function codeButton({ code, label }) {
  return h("button", { type: "submit", name: "code", value: code, "aria-pressed": "false" }, icon("check"), label);
}

function paintBadge(badge, required, done) {
  badge.hidden = !required && !done;
  badge.classList.toggle("done", done);
  setText(badge, done ? "stored" : "required");
}

function showError(form, text) {
  const error = $("[data-error]", form);
  error.hidden = !text;
  setText(error, text);
}

/** Store a result. The form keeps its key until the answer is there: sent twice, it counts once. */
async function record(form, code) {
  const { kind, key, offer } = form.elements;
  const fields = { kind: kind.value, key: key.value, offer: offer.value, code };
  showError(form, "");
  try {
    await post(`/desk/calls/${model.call.id}/dispositions`, fields);
    form.elements.key.value = newKey();
  } catch (problem) {
    showError(form, problem.message);
  }
}

/** To the lamp of a kind, or to its codes when it is dark. */
export function focus(kind) {
  const box = $(`#offers .offer[data-kind="${kind}"]`);
  const target = $(".offer-icon[href]", box) || $(".codes:not([hidden]) button", box);
  target?.focus();
}

/** Open a lit offer in its own window; for an unlit one nothing happens. */
export function open(kind) {
  const { call } = model;
  const offer = call && offerOf(call, kind);
  if (!call || !isLit(call, offer)) return;
  window.open(offer.url, "_blank", WINDOW);
  post(`/desk/calls/${call.id}/offers/${offer.code}/opened`).catch(() => {});
}

for (const link of $$("#offers .offer-icon")) {
  link.addEventListener("click", (event) => {
    event.preventDefault();
    open(link.dataset.kind);
  });
}
for (const form of $$("#offers .codes")) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (event.submitter) record(form, event.submitter.value);
  });
}
