// What is typed into a form is kept in this tab until it was taken: a reload, a lost connection or a
// refusal costs nothing. What the server sent back is newer, and stays.

const NAMES = "input:not([type=hidden]):not([type=radio]):not([autocomplete=one-time-code]), textarea";
const key = (form) => `order-typed:${location.pathname.split("/")[2]}:${form.dataset.keep}`;

function read(form) {
  try {
    return JSON.parse(sessionStorage.getItem(key(form))) || {};
  } catch {
    return {};
  }
}

export function keepTyped(form) {
  const before = read(form);
  for (const field of form.querySelectorAll(NAMES)) {
    if (!field.value && before[field.name]) field.value = before[field.name];
  }
  form.addEventListener("input", () => {
    const fields = [...form.querySelectorAll(NAMES)].map(({ name, value }) => [name, value]);
    try {
      sessionStorage.setItem(key(form), JSON.stringify(Object.fromEntries(fields)));
    } catch {
      // A full or forbidden storage must not stop the typing.
    }
  });
}
