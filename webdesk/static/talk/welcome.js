// The welcome page: knows the visitor's zone, what the site around it keeps, and typed text by heart.

import { $, $$ } from "../desk/dom.js";
import { greet, isKnown, tell } from "./host.js";
import { keep, keeper, kept } from "./keep.js";

const form = $("#welcome");
const field = (name) => form.elements.namedItem(name);
const DRAFT = `talk-draft:${location.pathname}`;
const TYPED = ["number", "note", "at"];

const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
const WHEN = new Intl.DateTimeFormat(undefined, { weekday: "short", month: "short", day: "numeric", hour: "numeric", minute: "2-digit" });

/** Show only the parts that the choices made so far ask for. */
function paint() {
  const chosen = (name) => field(name)?.value;
  const part = (name, wanted) => $$(`[data-part="${name}"]`).forEach((element) => (element.hidden = !wanted));
  part("typed", chosen("whose") !== "known");
  part("later", chosen("when") === "later");
  part("own", !field("pick") || chosen("pick") === "own");
  part("remember", isKnown() && chosen("whose") !== "known");
  $("[data-go]").textContent = chosen("when") === "later" ? "Ask for this call" : "Call me";
}

function paintTimes() {
  if (!zone) return;
  field("zone").value = zone;
  $("[data-zone]").textContent = zone.replaceAll("_", " ");
  for (const time of $$("[data-moment]")) time.textContent = WHEN.format(new Date(time.dateTime));
  const soon = new Date(Date.now() - new Date().getTimezoneOffset() * 60_000);
  field("at").min = soon.toISOString().slice(0, 16);
}

const keepAtServer = keeper(form.dataset.draft, field("token").value);

const typed = () => Object.fromEntries(TYPED.map((name) => [name, field(name).value]));

function keepDraft() {
  if (!keep(DRAFT, typed())) keepAtServer(typed());
}

function restoreDraft() {
  const draft = kept(DRAFT, {});
  for (const name of TYPED) if (draft[name] && !field(name).value) field(name).value = draft[name];
}

function hear({ number, pages }) {
  if (Array.isArray(pages)) field("pages").value = JSON.stringify(pages.slice(-50));
  if (typeof number === "string" && number && !field("number").value) {
    field("number").value = number;
    field("remember").checked = true;
    $("[data-from-here]").textContent = "Remembered in this browser. Change it if you like.";
  }
  paint();
  tell("at", { url: location.href, live: false });
}

function submit(event) {
  keep(DRAFT, typed());
  keepAtServer(null); // the form itself brings it
  const remember = field("remember");
  if (isKnown() && !remember.checked) tell("forget");
  const button = event.submitter;
  if (button?.dataset.sent) event.preventDefault(); // one wish, one request
  if (button) button.dataset.sent = "1";
}

restoreDraft();
paintTimes();
paint();
greet(hear);
form.addEventListener("change", paint);
form.addEventListener("input", keepDraft);
form.addEventListener("submit", submit);
// A page that the browser kept aside was sent once already.
addEventListener("pageshow", (shown) => shown.persisted && location.reload());
($("#problem") ?? $("[aria-invalid='true']"))?.focus();
