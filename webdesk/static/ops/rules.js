// The form of a rule: rows that come and go, comparisons that go with the attribute.

import { $, $$ } from "../desk/dom.js";
import { depend, lines } from "./lines.js";

const form = $(".ops-form");
const FITTING = { number: ["=", "!=", "<", "<=", ">", ">="], text: ["=", "!=", "in"], flag: ["="] };
const types = JSON.parse(form.dataset.types);

/** Comparisons that a type does not have cannot be chosen; a wrong one stays until it is changed. */
function fit(row) {
  const type = types[$("[name$=-attribute]", row).value];
  for (const option of $("[name$=-op]", row).options) {
    option.disabled = Boolean(type) && !FITTING[type].includes(option.value) && !option.selected;
  }
  const value = $("[name$=-value]", row);
  value.inputMode = type === "number" ? "numeric" : "text";
  value.placeholder = type === "flag" ? "yes or no" : "";
}

lines(form);
depend(form);
for (const row of $$("[data-pair]", form)) fit(row);
form.addEventListener("change", (event) => {
  const row = event.target.closest("[data-pair]");
  if (row) fit(row);
});
form.addEventListener("restored", () => $$("[data-pair]", form).forEach(fit));
