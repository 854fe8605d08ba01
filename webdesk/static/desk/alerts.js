// How the desk catches the eye and the ear: toasts, what a screen reader says, title and favicon.

import { $, h, icon } from "./dom.js";

const SHOWN_MS = 9_000;
const toasts = $("#toasts");
const announcement = $("#announce");
const favicon = $('link[rel="icon"]');
const quietIcon = favicon.href;
const ringIcon = quietIcon.replace("favicon.svg", "favicon-ring.svg");

/** A short message in the corner; stays until closed when `sticky`. */
export function say(text, { sticky = false } = {}) {
  const close = h("button", { type: "button", "aria-label": "Close this message" }, icon("close"));
  const toast = h("div", { class: "toast" }, h("p", {}, text), close);
  close.addEventListener("click", () => toast.remove());
  toasts.append(toast);
  while (toasts.children.length > 3) toasts.firstChild.remove();
  if (!sticky) setTimeout(() => toast.remove(), SHOWN_MS);
}

/** Say something at once to who listens to the page. */
export function announce(text) {
  announcement.textContent = text;
}

/** Title and icon of the tab: seen from another tab when a call rings. */
export function paintTab(call, stateLabel = "Cordboard") {
  const ringing = call?.state === "offered";
  const who = call ? call.customer?.name || call.ani_text || "Unknown caller" : "";
  document.title = ringing ? `● Call: ${who}` : call ? `${who} · Cordboard` : `${stateLabel} · Cordboard`;
  const wanted = ringing ? ringIcon : quietIcon;
  if (favicon.href !== wanted) favicon.href = wanted;
}
