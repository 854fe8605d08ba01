// What the page knows of a request, and how each event changes it. No page here.
// An event told twice changes nothing the second time.

export const FINAL = ["completed", "given_up", "cancelled", "refused"];

export const model = { request: null, legs: {}, call: {}, pushes: [], mine: false, clockOffset: 0 };

/** The server's time: all times in events are its. */
export const now = () => Date.now() + model.clockOffset;

export function setClock(serverNow) {
  model.clockOffset = serverNow - Date.now();
}

/** Take over a whole state: what is stored, then what was told since the request was made. */
export function load(state) {
  setClock(state.now_ms);
  const stored = state.request;
  Object.assign(model, { request: { ...stored }, legs: {}, call: {}, pushes: [], mine: false });
  for (const push of state.pushes) changes["page.pushed"](push, true);
  for (const { type, data } of state.events) apply(type, data);
  // What is final in the database is final; before that events are ahead of it.
  if (FINAL.includes(stored.state)) Object.assign(model.request, stored);
  model.call = { ...state.call, ...model.call };
}

const changes = {
  "request.changed"({ request_id, ...changed }) {
    // Events without an id are of the request that was told last: a visitor has one call at a time.
    model.mine = request_id === model.request.id;
    if (!model.mine) return;
    if (changed.state !== model.request.state && changed.state === "dialling") model.legs = {};
    Object.assign(model.request, changed);
  },
  "leg.changed"({ leg, state }) {
    if (!model.mine || isOver()) return;
    model.legs = { ...model.legs, [leg]: state };
    // A leg that rings says as much as the state that is still on its way.
    if (model.request.state === "waiting" && state !== "ended") model.request.state = "dialling";
  },
  "call.connected"({ call_id, at_ms, agent }) {
    if (!model.mine || isOver()) return;
    model.call = { ...model.call, id: call_id, connected_ms: at_ms, agent };
    model.request.state = "connected";
  },
  "page.pushed"(push, stored = false) {
    const known = model.pushes.some(({ push_id }) => push_id === push.push_id);
    if (!known && (stored || (model.mine && !isOver()))) model.pushes = [...model.pushes, push];
  },
  "call.ended"({ at_ms }) {
    if (model.mine && model.call.connected_ms && !model.call.ended_ms) {
      model.call = { ...model.call, ended_ms: at_ms };
    }
  },
};

export const EVENT_TYPES = Object.keys(changes);

/** Let an event change the model. */
export function apply(type, data) {
  changes[type]?.(data);
}

const isOver = () => FINAL.includes(model.request.state);

/** Which part of the page is shown: later, connect, talk, retry, done, failed. */
export function phase() {
  const { request, call } = model;
  if (request.state === "completed" || call.ended_ms) return "done";
  if (isOver()) return "failed";
  if (request.state === "connected") return "talk";
  if (request.state === "dialling") return "connect";
  const later = request.due_ms > now() + 5_000;
  if (!later) return "connect";
  return request.attempts > 0 || request.outcome ? "retry" : "later";
}
