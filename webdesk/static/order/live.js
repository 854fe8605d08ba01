// The page of one order: told that it changed, it asks for the part that shows it.

import { $, setText } from "../desk/dom.js";
import { followStream } from "../live.js";

const part = $("#now");
const link = $("#link");

const position = () => $("[data-position]", part).dataset.position;

async function refresh() {
  const answer = await fetch(part.dataset.now, { credentials: "same-origin", headers: { "X-Requested-With": "fetch" } });
  if (!answer.ok) throw new Error(`answered ${answer.status}`);
  // The server's own page, escaped there; nothing else is ever put in like this.
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  const focused = part.contains(document.activeElement);
  part.replaceChildren(...fresh.body.childNodes);
  if (focused) $("[data-headline]", part).setAttribute("tabindex", "-1"), $("[data-headline]", part).focus();
  setText($("#announce"), $("[data-headline]", part).textContent);
  return position();
}

let busy = Promise.resolve();

followStream((from) => `${part.dataset.events}?from=${from}`, ["order.changed"], position(), {
  event(_, { order }) {
    if (order === part.dataset.order) busy = busy.then(refresh).catch(() => {});
  },
  link(how) {
    link.dataset.link = how;
    setText($("[data-text]", link), how === "live" ? "live" : "connecting");
  },
  clock() {},
  reset: refresh,
  signedOut() {},
});
