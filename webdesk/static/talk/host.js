// The subscriber's page around this one: the page that holds the panel, or that opened the window.
// It is told nothing but the word "ready" before it has shown that it is one of the origins that the
// subscriber named; nothing is taken from any other.

const origins = JSON.parse(document.body.dataset.origins || "[]");
const host = window.parent !== window ? window.parent : window.opener;
export const inPanel = window.parent !== window;

let known = "";
const waiting = [];

/** Ask the page around for what it keeps: `hear({number, pages})`. Never answered without talk.js. */
export function greet(hear) {
  if (!host) return;
  addEventListener("message", ({ origin, source, data }) => {
    if (source !== host || !origins.includes(origin) || data?.cordboard !== "hello") return;
    known = origin;
    waiting.splice(0).forEach(send);
    hear(data);
  });
  host.postMessage({ cordboard: "ready" }, "*");
}

/** Tell the page around something, once it is known. */
export function tell(what, more = {}) {
  if (known) send({ cordboard: what, ...more });
  else if (host) waiting.push({ cordboard: what, ...more });
}

const send = (message) => host.postMessage(message, known);

/** Whether talk.js is around us. */
export const isKnown = () => known !== "";

// Focus is in here, so Escape is ours to hear; a menu or a dialog that is open takes it first.
addEventListener("keydown", (event) => {
  if (event.key === "Escape" && inPanel && !event.defaultPrevented) tell("close");
});
