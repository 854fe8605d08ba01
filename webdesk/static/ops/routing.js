// The form of a routing rule: lines of pairs, the preview of the whisper, fields that depend on a choice.

import { $, $$ } from "../desk/dom.js";
import { depend, lines } from "./lines.js";

const form = $(".ops-form");

// -- What the agent hears

const template = $("[name=whisper_template]", form);
const shown = $("[data-preview]", form);
const bare = $("[data-bare]", form);
const wrong = $("[data-preview-error]", form);
const PLACE = /\{([^{}]*)\}/g;
const example = JSON.parse($("#example", form).textContent);

/** As cordboard/whisper.py: a sentence whose places are all empty is left out. */
function spoken(values) {
  const sentence = (text) => {
    const words = [...text.matchAll(PLACE)].map((found) => found[1]);
    if (words.length && words.every((word) => values[word] === "")) return "";
    return text.replace(PLACE, (whole, word) => values[word] ?? whole);
  };
  return template.value.split(/(?<=[.!?])\s+/).map(sentence).filter(Boolean).join(" ").replace(/\s+/g, " ");
}

function preview() {
  const known = { ...example, subject: $("[name=name]", form).value || example.subject };
  const nothing = Object.fromEntries(Object.keys(known).map((word) => [word, ""]));
  const unknown = [...template.value.matchAll(PLACE)].filter((found) => !(found[1] in known)).map((found) => found[0]);
  shown.textContent = spoken(known);
  bare.textContent = spoken({ ...nothing, company: known.company, subject: known.subject }) || "Nothing at all";
  wrong.hidden = unknown.length === 0;
  wrong.textContent = unknown.length ? `Not known: ${unknown.join(" ")}` : "";
}

template.addEventListener("input", preview);
$("[name=name]", form).addEventListener("input", preview);
for (const button of $$("[data-insert]", form)) {
  button.addEventListener("click", () => {
    template.setRangeText(button.dataset.insert, template.selectionStart, template.selectionEnd, "end");
    template.focus();
    template.dispatchEvent(new Event("input", { bubbles: true }));
  });
}

// A draft that was put back changes everything at once.
form.addEventListener("restored", preview);
lines(form);
depend(form);
preview();
