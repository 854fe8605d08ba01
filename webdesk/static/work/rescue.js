// Orders that need a person: says when the list is another one. What is being typed, or asked, is left alone.
// More may wait than are shown, so what waits now is compared with what waited when the page was made.

import { get } from "../desk/api.js";
import { $, $$, setText } from "../desk/dom.js";

const LOOK_MS = 5_000;
const badge = $("[data-count]");
const waited = Number(badge.dataset.count);

async function look() {
  const { orders } = await get("/desk/work").catch(() => ({ orders: null }));
  if (orders === null) return;
  setText(badge, String(orders));
  if (orders === waited) return;
  const typing = $$("[name=why]").some((field) => field.value) || $("[name=told]:checked, details[open]");
  if (typing || document.activeElement?.tagName === "SELECT") $("[data-changed]").hidden = false;
  else location.assign("/desk/orders");
}

setInterval(look, LOOK_MS);
