// The form of an order: lines with their options, how, where, when; and reading it.

import { $, $$, h, setText } from "./dom.js";

const MOST_FOUND = 8;
const dollars = (cents) => `$${(cents / 100).toFixed(2)}`;
const productOf = (facts, code) => facts.products.find((one) => one.code === code);

/** What can be chosen of a product: choice -> options on sale, the usual one first. */
function choicesOf(product) {
  const choices = new Map();
  for (const option of product?.options || []) {
    if (option.active) choices.set(option.choice, [...(choices.get(option.choice) || []), option]);
  }
  return choices;
}

/** One more of a product; equal lines are one. */
export function addLine(wish, facts, code, options = null, quantity = 1) {
  const product = productOf(facts, code);
  if (!product) return;
  const chosen = options || [...choicesOf(product).values()].map(([first]) => first.code);
  const same = wish.lines.find((line) => line.product === code && line.options.join() === chosen.join());
  if (same) same.quantity = Math.min(product.max_quantity, same.quantity + quantity);
  else wish.lines.push({ product: code, options: chosen, quantity });
  if (product.by_appointment) wish.method = "appointment";
}

/** Put the wish into the fields; lines are painted by `paintForm`. */
export function fill(form, facts, wish) {
  const methods = [["", "Choose"], ...Object.entries(facts.methods)];
  setOptions(form.elements.method, methods, wish.method);
  setOptions(form.elements.location, [["", "Choose"], ...facts.places.map(({ code, name }) => [code, name])], wish.location);
  setOptions(form.elements.billing, [["", "Choose"], ...Object.entries(facts.billing)], wish.billing);
  for (const name of ["due", "note", "street", "city", "postcode"]) form.elements[name].value = wish[name] || "";
  setText($("[data-zone]", form), `Empty: as soon as possible. ${facts.zone.replace("_", " ")}`);
  const { street, city, postcode } = facts.lives;
  setText($("[data-lives]", form), street ? `To ${street}, ${city} ${postcode}, or else to:` : "Where to?");
}

function setOptions(select, options, chosen) {
  select.replaceChildren(...options.map(([value, text]) => h("option", { value, selected: value === chosen }, text)));
  select.value = chosen || "";
}

/** Lines and sums; `order` is the server's view, null while it has an older one. */
export function paintForm(form, facts, wish, order) {
  const at = document.activeElement?.dataset?.field;
  $("[data-lines]", form).replaceChildren(...wish.lines.map((line, place) => lineOf(facts, line, place, order?.cents[place])));
  if (at) $(`[data-field="${at}"]`, form)?.focus();
  form.elements.method.value = wish.method || "";
  form.elements.location.value = wish.location || "";
  $("[data-address]", form).hidden = wish.method !== "delivery";
  if (!order) return;
  setText($("[data-readback]", form), order.readback);
  setText($("[data-total]", form), order.lines.length ? order.total : "");
  for (const option of form.elements.location.options) {
    const place = order.places.find(({ code }) => code === option.value);
    if (place) {
      option.disabled = !place.can && option.value !== wish.location;
      setText(option, `${place.name}: ${place.text}`);
    }
  }
  for (const option of form.elements.method.options) option.disabled = Boolean(option.value && order.lines.length && !order.methods.includes(option.value));
}

function lineOf(facts, line, place, cents) {
  const product = productOf(facts, line.product);
  const name = product?.name || line.product;
  const selects = [...choicesOf(product)].map(([choice, options]) => {
    const chosen = options.find((option) => line.options.includes(option.code))?.code;
    const shown = options.map((option) => h("option", { value: option.code, selected: option.code === chosen }, option.extra_cents ? `${option.name} +${dollars(option.extra_cents)}` : option.name));
    return h("select", { "data-option": place, "data-field": `o${place}${choice}`, "aria-label": `${choice} of ${name}` }, ...shown);
  });
  const quantity = h("input", { type: "number", min: 1, max: product?.max_quantity || 99, value: line.quantity, "data-quantity": place, "data-field": `q${place}`, "aria-label": `How many ${name}` });
  const remove = h("button", { type: "button", class: "button quiet", "data-remove": place, "aria-label": `Remove ${name}` }, "Remove");
  return h("li", { "data-product": line.product }, quantity, h("strong", {}, name), h("span", { class: "order-options" }, ...selects), h("span", { class: "num" }, cents || ""), remove);
}

/** What is on the form now. */
export function readForm(form, wish) {
  const lines = wish.lines.map((line, place) => {
    const options = $$(`[data-option="${place}"]`, form).map((select) => select.value);
    const field = $(`[data-quantity="${place}"]`, form);
    return field ? { product: line.product, options, quantity: Math.max(1, Math.round(Number(field.value) || 1)) } : line;
  });
  const read = { lines };
  for (const name of ["method", "location", "due", "billing", "note", "street", "city", "postcode"]) read[name] = form.elements[name].value;
  return read;
}

/** Goods whose name has all words that were typed. */
export function paintFound(form, facts, add) {
  const words = $("#order-q", form).value.toLowerCase().split(/\s+/).filter(Boolean);
  const found = words.length ? facts.products.filter(({ name }) => words.every((word) => name.toLowerCase().includes(word))) : [];
  const rows = found.slice(0, MOST_FOUND).map((product) => {
    const button = h("button", { type: "button", class: "button quiet" }, `${product.name} `, h("span", { class: "hint" }, dollars(product.price_cents)));
    button.addEventListener("click", () => add(product.code));
    return h("li", {}, button);
  });
  const none = words.length && !rows.length ? [h("li", { class: "hint" }, "Nothing of that name is sold.")] : [];
  $("[data-found]", form).replaceChildren(...rows, ...none);
}

/** The usual orders, each one press away. */
export function paintUsual(box, facts, use) {
  box.hidden = !facts.usual.length;
  $("ul", box).replaceChildren(
    ...facts.usual.map(({ basket, text }) => {
      const button = h("button", { type: "button", class: "button" }, text);
      button.addEventListener("click", () => use(basket));
      return h("li", {}, button);
    }),
  );
}
