// The note on a call. What was typed is never lost: each keystroke goes to this browser's storage,
// and stays there until the server has it, through reloads, lost connections and wrap-up's end.

import { post } from "./api.js";
import { $, setText, time } from "./dom.js";
import { model } from "./state.js";

const TYPING_PAUSE_MS = 900;
const RETRY_MS = 4_000;

const area = $("#note");
const status = $("#note-status");
const orphan = $("#orphan-note");

let callId = "";
let typedHere = false; // and not stored yet; other tabs share the drafts, not this
let timer = 0;
let saving = null;

const prefix = () => `cb:note:${model.agent.id}:`;
const draftOf = (id) => JSON.parse(localStorage.getItem(prefix() + id) || "null");
const forget = (id) => localStorage.removeItem(prefix() + id);
const keep = (id, body) => localStorage.setItem(prefix() + id, JSON.stringify({ body, at: Date.now() }));

/** Show the current call's note; a draft of this browser comes before what the server has. */
export function paint() {
  const id = model.call?.id || "";
  const stored = model.call?.note || "";
  if (id !== callId) {
    save();
    callId = id;
    const draft = id && draftOf(id);
    typedHere = Boolean(draft);
    area.value = draft ? draft.body : stored;
    setText(status, draft ? "Kept in this browser, not stored yet" : "");
    if (draft) later(TYPING_PAUSE_MS);
  } else if (!typedHere && area.value.trim() !== stored) {
    area.value = stored;
  }
  paintOrphan();
}

function later(ms) {
  clearTimeout(timer);
  timer = setTimeout(save, ms);
}

/** Store the draft of the call it was typed for, whichever call is current by then. */
async function save(id = callId) {
  const draft = id && draftOf(id);
  if (!draft) {
    typedHere = typedHere && id !== callId; // another tab has stored it
    return;
  }
  clearTimeout(timer);
  try {
    saving = post(`/desk/calls/${id}/note`, { body: draft.body }, { keepalive: true });
    await saving;
    if (draftOf(id)?.body === draft.body) {
      forget(id);
      typedHere = typedHere && id !== callId;
    }
    if (id === callId) setText(status, `Stored at ${time(new Date())}`);
  } catch (problem) {
    if (id !== callId) return;
    setText(status, `Kept in this browser, not stored yet: ${problem.message}`);
    if (problem.code === "offline" || problem.status >= 500) later(RETRY_MS);
  } finally {
    paintOrphan();
  }
}

/** Try to store now; resolves either way. */
export async function flush() {
  await saving?.catch(() => {});
  await save();
}

/** Drafts of earlier calls that never reached the server. */
function paintOrphan() {
  const key = Object.keys(localStorage).find((name) => name.startsWith(prefix()) && name !== prefix() + callId);
  orphan.hidden = !key;
  if (!key) return;
  const { body, at } = JSON.parse(localStorage.getItem(key));
  orphan.dataset.call = key.slice(prefix().length);
  setText($("[data-text]", orphan), body);
  setText($("[data-when]", orphan), `, at ${time(new Date(at))}`);
}

area.addEventListener("input", () => {
  typedHere = true;
  keep(callId, area.value);
  setText(status, "Typing…");
  later(TYPING_PAUSE_MS);
});
area.addEventListener("blur", () => save());
$('[data-action="save"]', orphan).addEventListener("click", () => save(orphan.dataset.call));
$('[data-action="discard"]', orphan).addEventListener("click", () => {
  forget(orphan.dataset.call);
  paintOrphan();
});
