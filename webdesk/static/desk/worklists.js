// How much waits on the agent's work lists, beside the links to them.

import { get } from "./api.js";
import { $$, setText } from "./dom.js";

const LOOK_MS = 10_000;

export async function refresh() {
  const counts = await get("/desk/work").catch(() => null);
  for (const badge of counts ? $$("[data-work]") : []) {
    const count = counts[badge.dataset.work];
    badge.hidden = !count;
    setText(badge, String(count));
  }
}

refresh();
setInterval(refresh, LOOK_MS);
