// Typing what a new client said: speed of the recordings, and nothing typed is lost.

import { $, $$, clock, moment, setText } from "../desk/dom.js";

const PREFIX = "cb:enrolment:";
const own = $("#enrolment");
const SECOND_MS = 1_000;

for (const time of $$("time[data-moment]")) setText(time, moment(time.getAttribute("datetime")));
forgetOthers();
if (own) begin();

/** What a client said is kept as long as this agent may type it: not when it is done, or somebody else's. */
function forgetOthers() {
  for (const name of Object.keys(localStorage).filter((one) => one.startsWith(PREFIX))) {
    const id = name.slice(PREFIX.length);
    const row = $(`#waiting [data-enrolment="${CSS.escape(id)}"]`);
    const mine = own?.dataset.enrolment === id;
    if (!mine && (!row || "taken" in row.dataset)) localStorage.removeItem(name);
  }
}

function begin() {
  const form = $("[data-typed]", own);
  const key = PREFIX + own.dataset.enrolment;
  if (!$("[aria-invalid], .alert.bad", own)) putBack(form, key);
  form.addEventListener("input", () => {
    localStorage.setItem(key, JSON.stringify(Object.fromEntries([...new FormData(form)].filter(([name]) => name !== "csrf_token"))));
    setText($("[data-kept]", form), "Kept in this browser, not stored yet");
  });
  $("[data-release]", own).addEventListener("submit", () => localStorage.removeItem(key));
  for (const radio of $$("[name=speed]", own)) radio.addEventListener("change", () => setSpeed(Number(radio.value)));
  const until = Number(own.dataset.untilMs);
  if (until) {
    tick(until);
    setInterval(() => tick(until), SECOND_MS);
  }
  ($("[aria-invalid]", form) || $("#f-first_name", form)).focus();
}

/** What was typed before a lost connection or an ended session. */
function putBack(form, key) {
  const fields = JSON.parse(localStorage.getItem(key) || "null");
  if (!fields) return;
  for (const [name, value] of Object.entries(fields)) if (form.elements[name]) form.elements[name].value = value;
  setText($("[data-kept]", form), "Typed before and not stored yet");
}

function setSpeed(speed) {
  for (const player of $$("audio", own)) {
    player.defaultPlaybackRate = speed;
    player.playbackRate = speed;
  }
}

function tick(until) {
  const left = until - Date.now();
  const text = left > 0 ? `yours for ${clock(left)}` : "anybody may take it now: store soon";
  setText($("[data-left]", own), text);
}
