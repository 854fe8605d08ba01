// Lists of requests follow by themselves. A list is not exchanged under the hand of whoever uses it.

import { $, setText } from "../desk/dom.js";

const EVERY_MS = 3_000;
const live = $("#live");
const age = $("#age");

async function refresh() {
  if (!document.hidden) {
    try {
      const answer = await fetch(location.href, { headers: { "X-Requested-With": "fetch", Accept: "text/html" } });
      if (!answer.ok) throw new Error(answer.status === 401 ? "you are logged out" : `the server says ${answer.status}`);
      put(await answer.text());
      setText(age, "Follows by itself");
    } catch (problem) {
      setText(age, `Not up to date: ${problem.message}`);
    }
  }
  setTimeout(refresh, EVERY_MS);
}

let shown = live ? live.innerHTML : "";

function put(html) {
  if (html === shown || String(getSelection())) return;
  const key = document.activeElement?.dataset.key;
  const page = new DOMParser().parseFromString(html, "text/html");
  live.replaceChildren(...page.body.childNodes);
  shown = html;
  live.dispatchEvent(new Event("exchanged", { bubbles: true }));
  if (key) $(`[data-key="${CSS.escape(key)}"]`, live)?.focus();
}

if (live) setTimeout(refresh, EVERY_MS);
