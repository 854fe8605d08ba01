// Pages of others inside ours: in a sandbox, so that they can do nothing to this page.

import { h } from "../desk/dom.js";

/** What a framed page may do. Its own origin is left to it only where that is not ours. */
export function sandbox(url) {
  const rights = "allow-scripts allow-forms allow-popups allow-popups-to-escape-sandbox";
  return new URL(url).origin === location.origin ? rights : `${rights} allow-same-origin`;
}

/** Show an address in a screen, once; answers the frame. */
export function frameIn(screen, url, title) {
  const frame = h("iframe", { src: url, title, sandbox: sandbox(url), referrerpolicy: "no-referrer", loading: "eager" });
  screen.replaceChildren(frame);
  return frame;
}
