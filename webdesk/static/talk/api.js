// Requests of a visitor's page; whatever goes wrong becomes an Error with a sentence.

const token = document.querySelector('meta[name="csrf-token"]').content;
const sid = JSON.parse(document.querySelector("#talk-state").textContent).sid;

/** The subscriber whose pages these are: one browser may visit several. */
export const withSid = (url) => `${url}${url.includes("?") ? "&" : "?"}sid=${encodeURIComponent(sid)}`;

/** Send a form; answers the JSON that came back. */
export async function send(url, fields = {}, options = {}) {
  return ask(withSid(url), { method: "POST", body: new URLSearchParams(fields), ...options });
}

export async function ask(url, options = {}) {
  const headers = { Accept: "application/json", "X-Requested-With": "fetch", "X-CSRFToken": token };
  const response = await fetch(url, { ...options, headers, credentials: "same-origin" }).catch(() => {
    throw new Error("We were not reached. Try again in a moment.");
  });
  if (response.status === 204) return null;
  const body = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(body.detail || "That did not work. Try again in a moment.");
  return body;
}
