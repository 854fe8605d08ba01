// The two dialogs: why an order is declined or cancelled, and what the location is out of.

import { say } from "../desk/alerts.js";
import { post } from "../desk/api.js";
import { $, h, setText } from "../desk/dom.js";
import { model } from "./state.js";

const reason = $("#reason");
const why = $("#reason-why");
const error = $("[data-error]", reason);

const WORDS = {
  decline: ["Decline order", "It goes to the next location that can make it.", "Reason, if you like", "Decline"],
  cancel: ["Cancel order", "The client is told, with the reason.", "Reason", "Cancel the order"],
};

let asked = null;
/** Typed reasons by order: closing the dialog, or a change of the order meanwhile, loses none. */
const typed = new Map();

/** Ask for a reason; answers it, or null when there is to be none of it. */
export function askReason(order, deed) {
  const [title, text, label, button] = WORDS[deed];
  setText($("[data-title]", reason), `${title} ${order.number} of ${order.client}?`);
  setText($("[data-text]", reason), text);
  setText($("[data-label]", reason), label);
  setText($("[data-do]", reason), button);
  error.hidden = true;
  why.removeAttribute("aria-invalid");
  why.value = typed.get(order.order) ?? "";
  reason.showModal();
  why.focus();
  return new Promise((resolve) => { asked = { order, deed, resolve }; });
}

why.addEventListener("input", () => typed.set(asked.order.order, why.value));
$("[data-stay]", reason).addEventListener("click", () => reason.close());
reason.addEventListener("close", () => answer(null));
$("form", reason).addEventListener("submit", (event) => {
  event.preventDefault();
  const text = why.value.trim();
  if (asked.deed === "cancel" && !text) {
    error.hidden = false;
    setText(error, "Say why: the client is told.");
    why.setAttribute("aria-invalid", "true");
    why.focus();
    return;
  }
  typed.delete(asked.order.order);
  answer(text);
  reason.close();
});

function answer(text) {
  asked?.resolve(text);
  asked = null;
}

// -- Out of

const stock = $("#stock-list");
const list = $("[data-list]", stock);

$("#stock").addEventListener("click", () => {
  paintStock();
  stock.showModal();
});
$("[data-close]", stock).addEventListener("click", () => stock.close());

/** Paint what the location is out of, there and on the button. */
export function paintStock() {
  const products = model.location.products;
  const count = products.filter((product) => product.without).length;
  const badge = $("#stock [data-count]");
  badge.hidden = count === 0;
  setText(badge, String(count));
  const focused = document.activeElement?.dataset?.product;
  const groups = Map.groupBy ? Map.groupBy(products, (product) => product.category) : grouped(products);
  list.replaceChildren(...[...groups].map(([name, members]) => h("fieldset", {}, h("legend", {}, name), ...members.map(tickbox))));
  if (focused) $(`[data-product="${CSS.escape(focused)}"]`, list)?.focus();
}

function grouped(products) {
  const groups = new Map();
  for (const product of products) groups.set(product.category, [...(groups.get(product.category) || []), product]);
  return groups;
}

function tickbox(product) {
  const box = h("input", { type: "checkbox", "data-product": product.code, checked: product.without });
  box.addEventListener("change", () => lack(box, product));
  return h("label", {}, box, h("span", {}, product.name));
}

async function lack(box, product) {
  try {
    const answered = await post(`/board/${model.location.id}/stock`, { product: product.code, without: box.checked ? "1" : "0" });
    model.location = answered.location;
    paintStock();
  } catch (problem) {
    box.checked = !box.checked;
    say(problem.message);
  }
}
