// What this board knows: orders by id, each in its newest version.

/** Orders that are here, and versions of those that went elsewhere. */
const orders = new Map();
const left = new Map();

export const model = { location: null, zone: "UTC" };

let ahead = 0;

/** The server's clock now, milliseconds. */
export const now = () => Date.now() + ahead;
export const setClock = (ms) => { ahead = ms - Date.now(); };

/** Take the whole state in; what is not in it is not here. Answers the changes as take() does. */
export function load(state) {
  setClock(state.now_ms);
  model.location = state.location;
  model.zone = state.location.timezone;
  const here = new Set(state.orders.map((order) => order.order));
  for (const [id, order] of orders) if (!here.has(id)) leave(id, order.version);
  return state.orders.map(take).filter(Boolean);
}

/**
 * Take one order in. News may come late, twice and in any order: only a newer version counts.
 * @returns {{order, before}} when something changed, else null
 */
export function take(order) {
  const before = orders.get(order.order) || null;
  const known = before ? before.version : left.get(order.order) ?? 0;
  if (order.version <= known) return null;
  if (order.here) {
    left.delete(order.order);
    orders.set(order.order, order);
  } else {
    leave(order.order, order.version);
  }
  return { order, before };
}

function leave(id, version) {
  orders.delete(id);
  left.set(id, version);
}

export const find = (id) => orders.get(id);

const COLUMN = { placed: "placed", accepted: "accepted", ready: "ready", handed_over: "done", cancelled: "cancelled" };

/** The orders of each column: those to do soonest due first, those done latest first. */
export function columns() {
  const found = { placed: [], accepted: [], ready: [], done: [], cancelled: [] };
  for (const order of orders.values()) {
    if (!order.ended_at || isToday(order.ended_at)) found[COLUMN[order.state]].push(order);
  }
  for (const [name, list] of Object.entries(found)) {
    const at = name === "done" || name === "cancelled" ? (order) => -Date.parse(order.ended_at) : (order) => Date.parse(order.due_at);
    list.sort((a, b) => at(a) - at(b) || a.number - b.number);
  }
  return found;
}

const dayOf = (ms) => new Intl.DateTimeFormat("en-CA", { timeZone: model.zone, dateStyle: "short" }).format(new Date(ms));

/** Whether a moment is on this day, by the location's clock. */
export const isToday = (iso) => dayOf(Date.parse(iso)) === dayOf(now());

/** A moment by the location's clock; with the day when that is not today. */
export function at(iso) {
  const style = isToday(iso) ? {} : { weekday: "short", month: "short", day: "numeric" };
  return new Intl.DateTimeFormat(undefined, { timeZone: model.zone, hour: "numeric", minute: "2-digit", ...style }).format(new Date(iso));
}
