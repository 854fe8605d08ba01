// Lines of a form that can be added and taken away: the lines of TAG2, the rows of a rule.

import { $, $$ } from "../desk/dom.js";

export function lines(form) {
  for (const list of $$("[data-pairs]", form)) {
    const all = $(".pairs", list);
    const add = $("[data-add]", list);
    const blank = all.lastElementChild.cloneNode(true);
    let next = all.children.length;
    add.hidden = false;
    for (const button of $$("[data-remove]", all)) button.hidden = false;
    add.addEventListener("click", () => {
      const line = blank.cloneNode(true);
      for (const control of $$("input, select", line)) {
        control.name = `${list.dataset.pairs}-${next}-${control.name.split("-").pop()}`;
        const label = control.getAttribute("aria-label");
        if (label) control.setAttribute("aria-label", label.replace(/\brow \d+$/, `row ${next + 1}`));
      }
      for (const button of $$("[data-remove]", line)) button.hidden = false;
      next += 1;
      all.append(line);
      $("input, select", line).focus();
    });
    all.addEventListener("click", (event) => {
      const button = event.target.closest("[data-remove]");
      if (!button) return;
      button.closest("[data-pair]").remove();
      add.focus();
      form.dispatchEvent(new Event("input", { bubbles: true }));
    });
  }
}

/** Show only the parts that the chosen option needs; `data-when="name=value"`. */
export function depend(form) {
  const show = () => {
    for (const part of $$("[data-when]", form)) {
      const [name, value] = part.dataset.when.split("=");
      part.hidden = $(`[name=${name}]:checked`, form)?.value !== value;
    }
  };
  form.addEventListener("change", show);
  form.addEventListener("restored", show);
  show();
}
