// What this tab keeps for the visitor. Browsers that block third-party cookies forbid it in a panel:
// nothing may depend on it.

/** Keep a value, or (null) forget it; answers whether this browser lets us. */
export function keep(key, value) {
  try {
    if (value === null) sessionStorage.removeItem(key);
    else sessionStorage.setItem(key, JSON.stringify(value));
    return true;
  } catch {
    return false;
  }
}

/** Keeps what is typed at the server instead, for this visitor: the latest, one request at a time. */
export function keeper(url, token) {
  let busy = false;
  let next = null;
  async function send(fields, more = {}) {
    busy = true;
    const body = new URLSearchParams({ ...fields, token });
    await fetch(url, { method: "POST", body, credentials: "same-origin", ...more }).catch(() => {});
    busy = false;
    flush();
  }
  function flush(more) {
    if (busy || next === null) return;
    const fields = next;
    next = null;
    send(fields, more);
  }
  addEventListener("pagehide", () => {
    busy = false;
    flush({ keepalive: true });
  });
  return (fields) => {
    next = fields;
    flush();
  };
}

export function kept(key, otherwise = null) {
  try {
    return JSON.parse(sessionStorage.getItem(key)) ?? otherwise;
  } catch {
    return otherwise;
  }
}
