// Orders that need a person: says when the list is another one. What is being typed is left alone.

import { get } from "../desk/api.js";
import { $, $$, setText } from "../desk/dom.js";

const LOOK_MS = 5_000;
const shown = $$("[data-order]").length;

async function look() {
  const { orders } = await get("/desk/work").catch(() => ({ orders: null }));
  if (orders === null) return;
  setText($("[data-count]"), String(orders));
  if (orders === shown) return;
  const typing = $$("[name=why]").some((field) => field.value);
  if (typing || document.activeElement?.tagName === "SELECT") $("[data-changed]").hidden = false;
  else location.assign("/desk/orders");
}

setInterval(look, LOOK_MS);
