// Alt+Shift+letter works everywhere on the desk, also while typing a note.

import { $ } from "./dom.js";
import * as offers from "./offers.js";
import * as order from "./order.js";
import * as presence from "./presence.js";
import * as push from "./push.js";
import * as wrapup from "./wrapup.js";

const focus = (selector) => () => $(selector).offsetParent && $(selector).focus();

const ACTIONS = {
  KeyA: presence.makeAvailable,
  KeyP: () => presence.toggleMenu(),
  KeyS: () => offers.open("sales"),
  KeyV: () => offers.open("service"),
  KeyN: focus("#note"),
  KeyL: focus("#lookup-q"),
  KeyG: push.focus,
  KeyO: order.focus,
  KeyW: wrapup.finish,
  KeyC: focus("#call-name"),
};

document.addEventListener("keydown", (event) => {
  if (!event.altKey || !event.shiftKey || event.ctrlKey || event.metaKey) return;
  const action = ACTIONS[event.code];
  if (!action) return;
  event.preventDefault();
  action();
});
