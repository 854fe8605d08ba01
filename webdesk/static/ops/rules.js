// The form of a rule: rows that come and go, comparisons that go with the attribute.

import { $, $$ } from "../desk/dom.js";
import { depend, lines } from "./lines.js";

const form = $(".ops-form");
const FITTING = { number: ["=", "!=", "<", "<=", ">", ">="], text: ["=", "!=", "in"], flag: ["="] };
const types = JSON.parse(form.dataset.types);
const units = JSON.parse(form.dataset.units);

/** Comparisons that a type does not have cannot be chosen; a wrong one stays until it is changed. */
function fit(row) {
  const type = types[$("[name$=-attribute]", row).value];
  for (const option of $("[name$=-op]", row).options) {
    option.disabled = Boolean(type) && !FITTING[type].includes(option.value) && !option.selected;
  }
  const value = $("[name$=-value]", row);
  value.inputMode = type === "number" ? "numeric" : "text";
  value.placeholder = type === "flag" ? "yes or no" : "";
  unit(row);
}

/** The unit stands at the field; of cents also what they come to, before anything is saved. */
function unit(row) {
  const name = $("[name$=-attribute]", row).value;
  const text = $("[name$=-value]", row).value.trim().replaceAll(",", "").replace("−", "-");
  const cents = units[name] === "cents" && /^-?\d{1,15}$/.test(text);
  const money = (Number(text) / 100).toLocaleString("en-US", { minimumFractionDigits: 2 });
  $("[data-unit]", row).textContent = cents ? `cents: ${money}` : units[name] || "";
}

lines(form);
depend(form);
for (const row of $$("[data-pair]", form)) fit(row);
form.addEventListener("change", (event) => {
  const row = event.target.closest("[data-pair]");
  if (row) fit(row);
});
form.addEventListener("input", (event) => {
  const row = event.target.closest("[data-pair]");
  if (row) unit(row);
});
form.addEventListener("restored", () => $$("[data-pair]", form).forEach(fit));
