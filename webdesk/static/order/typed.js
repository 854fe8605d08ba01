// What is typed into a form is kept in this tab until it was taken: a reload, a lost connection or a
// refusal costs nothing. What the server sent back is newer, and stays. It is a person's: it goes when it
// was taken, and when the browser is another's or nobody's any more.

const NAMES = "input:not([type=hidden]):not([type=radio]):not([autocomplete=one-time-code]), textarea";
const kept = document.querySelector("meta[name=order-kept]");
const ofShop = `order-typed:${location.pathname.split("/")[2]}:`;
const own = `${ofShop}${kept?.content}:`; // of this browser as it is now

function read(name) {
  try {
    return JSON.parse(sessionStorage.getItem(name)) || {};
  } catch {
    return {};
  }
}

function write(name, entry) {
  try {
    sessionStorage.setItem(name, JSON.stringify(entry));
  } catch {
    // A full or forbidden storage must not stop the typing.
  }
}

/** Forget what was taken, and what somebody else typed in this tab. */
export function tidy() {
  if (!kept) return;
  const { placed, draft } = kept.dataset;
  const success = document.querySelector(".notices [data-kind=good]");
  const isOver = (form) => form.startsWith("review-") && (form === `review-${placed}` || (draft !== undefined && form !== `review-${draft}`));
  for (const name of Object.keys(sessionStorage).filter((one) => one.startsWith(ofShop))) {
    const isOwn = name.startsWith(own);
    if (!isOwn || isOver(name.slice(own.length)) || (success && read(name).sent)) sessionStorage.removeItem(name);
  }
}

export function keepTyped(form) {
  if (!kept) return;
  const name = own + form.dataset.keep;
  const { fields = {} } = read(name);
  for (const field of form.querySelectorAll(NAMES)) {
    if (!field.value && fields[field.name]) field.value = fields[field.name];
  }
  form.addEventListener("input", () => {
    const typed = [...form.querySelectorAll(NAMES)].map((field) => [field.name, field.value]);
    write(name, { fields: Object.fromEntries(typed), sent: false });
  });
  form.addEventListener("submit", () => {
    const entry = read(name);
    if (entry.fields) write(name, { ...entry, sent: true });
  });
}
