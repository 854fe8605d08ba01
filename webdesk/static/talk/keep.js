// What this tab keeps for the visitor. Browsers that block third-party cookies forbid it in a panel:
// nothing may depend on it.

export function keep(key, value) {
  try {
    if (value === null) sessionStorage.removeItem(key);
    else sessionStorage.setItem(key, JSON.stringify(value));
  } catch {
    // The page works without.
  }
}

export function kept(key, otherwise = null) {
  try {
    return JSON.parse(sessionStorage.getItem(key)) ?? otherwise;
  } catch {
    return otherwise;
  }
}
