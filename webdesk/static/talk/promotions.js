// The subscriber's pages in turn while the phones ring. They stop when the visitor says so.

import { $ } from "../desk/dom.js";
import { frameIn } from "./frames.js";

const EVERY_MS = 12_000;
const root = $("#promotions");

let pages = [];
let shown = -1;
let timer = 0;
let paused = matchMedia("(prefers-reduced-motion: reduce)").matches;

export function start(promotions) {
  if (timer || !promotions.length) return;
  pages = promotions;
  root.hidden = false;
  const many = pages.length > 1;
  for (const action of ["previous", "next", "pause"]) control(action).hidden = !many;
  paintPause();
  turn(1);
  timer = setInterval(() => paused || document.hidden || turn(1), EVERY_MS);
}

export function stop() {
  clearInterval(timer);
  timer = 0;
  shown = -1;
  root.hidden = true;
  $("[data-screen]", root).replaceChildren();
}

const control = (action) => $(`[data-action="${action}"]`, root);

function turn(step) {
  if (pages.length === 1 && shown === 0) return;
  shown = (shown + step + pages.length) % pages.length;
  const { url, title } = pages[shown];
  frameIn($("[data-screen]", root), url, title);
  const link = $("[data-open]", root);
  link.href = url;
  link.textContent = title;
}

function paintPause() {
  control("pause").setAttribute("aria-pressed", String(paused));
}

control("pause").addEventListener("click", () => {
  paused = !paused;
  paintPause();
});
for (const [action, step] of [["previous", -1], ["next", 1]]) {
  control(action).addEventListener("click", () => {
    paused = true;
    paintPause();
    turn(step);
  });
}
