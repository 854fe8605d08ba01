// Typed text that the server does not have yet, in this browser's storage, by kind, agent and call.

import { model } from "./state.js";

const prefix = (kind) => `cb:${kind}:${model.agent.id}:`;

export const read = (kind, id) => JSON.parse(localStorage.getItem(prefix(kind) + id) || "null");
export const keep = (kind, id, value) => localStorage.setItem(prefix(kind) + id, JSON.stringify({ ...value, at: Date.now() }));
export const forget = (kind, id) => localStorage.removeItem(prefix(kind) + id);

/** Id of a draft of this kind whose id does not begin with `current`, "" when there is none. */
export function orphan(kind, current) {
  const own = prefix(kind);
  const isOther = (name) => name.startsWith(own) && !(current && name.startsWith(own + current));
  return Object.keys(localStorage).find(isOther)?.slice(own.length) || "";
}
