// The colour of visitors' pages: picker and text follow each other; the samples are the server's.

import { $, $$ } from "../desk/dom.js";

const text = $("[name=accent]");
const picker = $("[data-picker]");
const samples = $("[data-samples]");
let wanted = 0;

async function paint() {
  const colour = text.value.trim().toLowerCase();
  if (!/^#[0-9a-f]{6}$/.test(colour)) return;
  picker.value = colour;
  const mine = ++wanted;
  const answer = await fetch(`/ops/presence/shades?accent=${encodeURIComponent(colour)}`, { headers: { "X-Requested-With": "fetch" } }).catch(() => null);
  if (!answer?.ok || mine !== wanted) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  samples.replaceChildren(...$$(".sample", page));
}

picker.addEventListener("input", () => {
  text.value = picker.value;
  text.dispatchEvent(new Event("input", { bubbles: true }));
});
text.addEventListener("input", paint);
text.form.addEventListener("restored", paint);
