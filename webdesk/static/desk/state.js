// What the desk knows, and how each event changes it. No page here: easy to read, easy to test.
// An event told twice changes nothing the second time.

/** Agent state -> state of the card while no call event has said better. */
const WITH_CALL = ["reserved", "ringing", "on_call", "wrap_up"];

export const model = { agent: {}, call: null, clockOffset: 0, reasons: {} };

/** Take over a whole state as the server delivers it. */
export function load(state) {
  model.agent = state.agent;
  model.call = state.call;
  setClock(state.now_ms);
}

export function setClock(serverNow) {
  model.clockOffset = serverNow - Date.now();
}

/** The server's time: all times in events are its. */
export const now = () => Date.now() + model.clockOffset;

const isCurrent = (data) => model.call !== null && model.call.id === data.call_id;

function changeCall(data, changed) {
  if (isCurrent(data)) model.call = { ...model.call, ...changed };
}

function changeWeb(data, change) {
  if (isCurrent(data)) changeCall(data, { web: { ...model.call.web, ...change(model.call.web || {}) } });
}

/** One push of the current call becomes another. */
function changePush(data, change) {
  changeWeb(data, ({ pushes = [] }) => ({
    pushes: pushes.map((push) => (push.push_id === data.push_id ? { ...push, ...change(push) } : push)),
  }));
}

const changes = {
  "agent.state_changed"(data) {
    const { state, reason, since_ms, chosen, wrap_until_ms } = data;
    model.agent = { ...model.agent, state, reason, since_ms, chosen, wrap_until_ms };
    if (!WITH_CALL.includes(state)) model.call = null;
    else if (state === "wrap_up" && model.call) model.call = { ...model.call, state: "wrap_up" };
  },
  "phone.registered"() {
    model.agent = { ...model.agent, registered: true };
  },
  "phone.unregistered"() {
    model.agent = { ...model.agent, registered: false };
  },
  "call.offered"(data) {
    const known = isCurrent({ call_id: data.call.id }) ? model.call : {};
    model.call = { ...known, ...data.call, state: "offered" };
  },
  "call.connected"(data) {
    changeCall(data, { state: "connected", connected_ms: data.at_ms });
  },
  "call.updated"(data) {
    const cti = { ...model.call?.cti, ...data.changed.cti };
    changeCall(data, { ...data.changed, cti });
  },
  "call.withdrawn"(data) {
    if (isCurrent(data)) model.call = null;
  },
  "call.ended"(data) {
    changeCall(data, { state: "wrap_up", ended_ms: data.at_ms });
  },
  "disposition.recorded"(data) {
    const attached = model.call?.offers?.find(({ kind }) => kind === data.kind)?.code;
    const offer = data.offer || attached;
    const ranking = (model.call?.ranking || []).map((entry) => (entry.code === offer ? { ...entry, result: data.label } : entry));
    const speaksOfIt = !attached || offer === attached; // another may be presented by now
    const dispositions = { ...model.call?.dispositions, ...(speaksOfIt && { [data.kind]: data.code }) };
    changeCall(data, { dispositions, ranking });
  },
  "offer.attached"(data) {
    const cti = { ...model.call?.cti };
    delete cti[`${data.kind.toUpperCase()}_OFFER_URL`]; // the one of the offer that was there before
    changeCall(data, { ...data.changed, cti: { ...cti, ...data.changed.cti } });
  },
  "note.saved"(data) {
    changeCall(data, { note: data.body });
  },
  "page.pushed"(data) {
    const { call_id, ...push } = data;
    const known = (pushes) => pushes.some(({ push_id }) => push_id === push.push_id);
    changeWeb(data, ({ pushes = [] }) => ({ pushes: known(pushes) ? pushes : [...pushes, push] }));
  },
  "page.shown"(data) {
    changePush(data, () => ({ shown_ms: data.at_ms }));
  },
  "page.viewed"(data) {
    changePush(data, ({ viewed_seconds = 0 }) => ({ viewed_seconds: Math.max(viewed_seconds, data.seconds) }));
  },
  "visitor.left"(data) {
    changeWeb(data, () => ({ visitor_here: false }));
  },
  "visitor.returned"(data) {
    changeWeb(data, () => ({ visitor_here: true }));
  },
  "entry.saved"(data) {
    const { entry_id, kind, at_ms } = data;
    changeWeb(data, ({ entries = [] }) => ({
      entries: [...entries.filter((entry) => entry.entry_id !== entry_id), { entry_id, kind, at_ms }],
    }));
  },
};

export const EVENT_TYPES = Object.keys(changes);

/** Let an event change the model. */
export function apply(type, data) {
  changes[type](data);
}

/** Kinds whose disposition is mandatory and still missing. */
export function missing() {
  const done = model.call?.dispositions || {};
  return (model.call?.required || []).filter((kind) => !done[kind]);
}
