// What all pages of the operations area share.

import { $, $$, moment } from "../desk/dom.js";
import { forget, keep } from "./draft.js";

const menu = $("#ops-menu");

// A window that becomes wide again shows the menu beside the page, which has no button to open it.
matchMedia("(max-width: 60rem)").addEventListener("change", (narrow) => {
  menu.open = !narrow.matches;
});

if ($(".alert.good")) forget();
for (const form of $$("form[data-draft]")) keep(form);

// A form that comes back begins with what is wrong, else with what was asked for: on a phone that
// is far below.
($("[data-summary]") ?? $("[data-result]"))?.focus();

// Dangerous buttons ask once more, in their own words.
for (const button of $$("button[data-confirm]")) {
  button.addEventListener("click", (event) => {
    if (button.dataset.asked) return;
    event.preventDefault();
    button.dataset.asked = "1";
    button.textContent = button.dataset.confirm;
    setTimeout(() => delete button.dataset.asked, 10_000);
  });
}

for (const button of $$("button[data-copy]")) {
  button.addEventListener("click", async () => {
    const said = $("[data-copied]", button.parentElement);
    try {
      await navigator.clipboard.writeText($(button.dataset.copy).textContent);
      said.textContent = "Copied";
    } catch {
      said.textContent = "This browser does not allow it: select the text and copy it.";
    }
  });
}

// Times come in UTC; here they are shown as this person's clock has them, with UTC on hovering.
const precise = new Intl.DateTimeFormat(undefined, { dateStyle: "short", timeStyle: "medium" });

function localTimes() {
  for (const time of $$("time[data-moment], time[data-precise]")) {
    if (time.title) continue;
    time.title = time.dateTime;
    const at = new Date(time.dateTime);
    time.textContent = "precise" in time.dataset ? precise.format(at) : moment(time.dateTime);
  }
}

localTimes();
document.addEventListener("exchanged", localTimes);
