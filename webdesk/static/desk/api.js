// Requests to the server; whatever goes wrong becomes a Problem with a sentence for the person.

const token = document.querySelector('meta[name="csrf-token"]').content;

/** A refused or failed request. `code` is the server's; "offline" when it was not reached. */
export class Problem extends Error {
  constructor(code, status, detail, body = {}) {
    super(detail);
    this.code = code;
    this.status = status;
    this.body = body;
  }
}

export const get = (url) => send(url, {});

/** Send a form (FormData or a plain object). */
export function post(url, fields = {}, options = {}) {
  const body = fields instanceof FormData ? fields : new URLSearchParams(fields);
  return send(url, { method: "POST", body, ...options });
}

async function send(url, options) {
  const headers = { Accept: "application/json", "X-Requested-With": "fetch", "X-CSRFToken": token };
  let response;
  try {
    response = await fetch(url, { ...options, headers, credentials: "same-origin" });
  } catch {
    throw new Problem("offline", 0, "The server was not reached; nothing was stored. Try again.");
  }
  if (response.ok) return response.json();
  throw await refused(response);
}

async function refused(response) {
  if (response.status === 401) location.assign("/login");
  const body = await response.json().catch(() => ({}));
  const detail = body.detail || "The server could not do that. Try again.";
  return new Problem(body.code || "failed", response.status, detail, body);
}
