// What makes the order pages quicker; without it they do the same with one press more.

import { keepTyped, tidy } from "./typed.js";

document.documentElement.classList.add("with-script");

// A form is sent once: the second press of a double click is no second order.
for (const form of document.querySelectorAll("form[method=post]")) {
  form.addEventListener("submit", (event) => {
    const ask = event.submitter?.dataset.ask;
    if (ask && !confirm(ask)) return event.preventDefault();
    if (form.dataset.sent) return event.preventDefault();
    form.dataset.sent = "yes";
  });
}

// Choices that change the rest of the page are shown at once.
for (const control of document.querySelectorAll("[data-submit]")) {
  control.addEventListener("change", () => {
    const button = control.form.querySelector("[data-without-script]");
    sessionStorage.setItem("order-scroll", JSON.stringify([location.pathname, scrollY, control.id || control.name, control.value]));
    control.form.requestSubmit(button);
  });
}

// After such a reload the page is where it was, and so is the keyboard.
const [path, top, name, value] = JSON.parse(sessionStorage.getItem("order-scroll") || "[]");
sessionStorage.removeItem("order-scroll");
if (path === location.pathname) {
  const same = document.getElementById(name)
    || [...document.getElementsByName(name)].find((control) => control.value === value && control.type !== "hidden");
  same?.focus({ preventScroll: true });
  scrollTo(0, top);
}

// What is wrong with a form may be below the edge of a small screen.
document.querySelector("[data-problem]")?.focus();

tidy();
for (const form of document.querySelectorAll("form[data-keep]")) keepTyped(form);

// A page that the browser kept aside and shows again is an old one.
addEventListener("pageshow", (shown) => shown.persisted && location.reload());
