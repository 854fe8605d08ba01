// Two short tones for a new order. A browser makes no sound before somebody has touched the page;
// that sound was wanted is remembered for the next time.

import { $, setText } from "../desk/dom.js";

const KEPT = "cordboard-board-sound";
const HIGH_HZ = 880;
const LOW_HZ = 660;
const TONE_S = 0.16;
const LOUDNESS = 0.25;

const button = $("#sound");
let context = null;
let wanted = remembered();

function remembered() {
  try {
    return localStorage.getItem(KEPT) === "on";
  } catch {
    return false;
  }
}

function remember() {
  try {
    localStorage.setItem(KEPT, wanted ? "on" : "off");
  } catch {
    // A browser that keeps nothing asks again next time.
  }
}

const works = () => wanted && context?.state === "running";

async function wake() {
  context ??= new AudioContext();
  if (context.state !== "running") await context.resume().catch(() => {});
  paint();
}

function paint() {
  button.setAttribute("aria-pressed", String(works()));
  setText($("[data-text]", button), works() ? "Sound is on" : "Turn sound on");
}

/** Sound the tones, if sound is on. */
export function ring() {
  if (!works()) return;
  tone(HIGH_HZ, 0);
  tone(LOW_HZ, TONE_S);
  document.documentElement.dataset.rang = String(Number(document.documentElement.dataset.rang || 0) + 1);
}

function tone(hertz, after_s) {
  const from = context.currentTime + after_s;
  const oscillator = new OscillatorNode(context, { frequency: hertz });
  const gain = new GainNode(context, { gain: LOUDNESS });
  // A tone that stops at once would click.
  gain.gain.setValueAtTime(LOUDNESS, from + TONE_S * 0.6);
  gain.gain.exponentialRampToValueAtTime(0.001, from + TONE_S);
  oscillator.connect(gain).connect(context.destination);
  oscillator.start(from);
  oscillator.stop(from + TONE_S);
}

button.addEventListener("click", async () => {
  wanted = !works();
  remember();
  if (wanted) await wake();
  paint();
  ring();
});

if (wanted) {
  for (const type of ["pointerdown", "keydown"]) addEventListener(type, wake, { once: true });
}
paint();
