/* Cordboard's talk button. Load it from the platform and give any element the link that your server
 * signed: <button data-cordboard-talk="https://platform/talk/…">Talk to us</button>
 * Apache-2.0. Needs script-src and frame-src for the platform's origin, and nothing inline. */
(() => {
  "use strict";
  const script = document.currentScript;
  const platform = new URL(script.src).origin;
  if (window.cordboardTalk) return;

  const PAGES = 50;
  const NARROW = 720;
  const PATIENCE_MS = 6000;
  const FRAMED = window.top !== window.self;

  // --- What is kept in this browser; a browser that forbids it only forgets -------------------
  const read = (store, key, otherwise) => {
    try {
      return JSON.parse(window[store].getItem(key)) ?? otherwise;
    } catch {
      return otherwise;
    }
  };
  const write = (store, key, value) => {
    try {
      if (value === null) window[store].removeItem(key);
      else window[store].setItem(key, JSON.stringify(value));
    } catch {}
  };

  // --- Pages viewed in this session -----------------------------------------------------------
  const here = { url: location.href.slice(0, 500), title: document.title.slice(0, 200), at_ms: Date.now(), seconds: 0 };
  let seenSince = document.hidden ? 0 : Date.now();
  const seconds = () => here.seconds + (seenSince ? Math.round((Date.now() - seenSince) / 1000) : 0);

  function pages() {
    const known = read("sessionStorage", "cordboard-pages", []);
    const others = known.filter((page) => page.at_ms !== here.at_ms);
    return [...others, { ...here, seconds: seconds() }].slice(-PAGES);
  }
  const keepPages = () => FRAMED || write("sessionStorage", "cordboard-pages", pages());
  document.addEventListener("visibilitychange", () => {
    here.seconds = seconds();
    seenSince = document.hidden ? 0 : Date.now();
    keepPages();
  });
  addEventListener("pagehide", keepPages);
  keepPages();

  // --- The panel ------------------------------------------------------------------------------
  const CSS = `
    :host { all: initial; }
    [hidden] { display: none !important; }
    .panel, .pill { font: 500 14px/1.4 system-ui, sans-serif; color: #17212b; color-scheme: light dark; }
    .panel { position: fixed; z-index: 2147483000; right: 20px; bottom: 20px; width: min(420px, calc(100vw - 40px));
      height: min(720px, calc(100vh - 40px)); display: flex; flex-direction: column; overflow: hidden;
      background: #fff; border-radius: 16px; border: 1px solid #d8dfe5; box-shadow: 0 18px 50px rgb(10 20 30 / 28%); }
    .panel.wide { width: min(960px, calc(100vw - 40px)); height: calc(100vh - 40px); }
    .head { display: flex; gap: 4px; align-items: center; padding: 8px 8px 8px 16px; border-bottom: 1px solid #d8dfe5; }
    .head span { flex: 1; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
    button { font: inherit; color: inherit; background: none; border: 0; border-radius: 8px; min-width: 36px;
      min-height: 36px; cursor: pointer; }
    button:hover { background: rgb(127 140 150 / 20%); }
    :focus-visible { outline: 3px solid #1f6feb; outline-offset: 1px; }
    iframe { flex: 1; width: 100%; border: 0; background: #f1f4f6; }
    .none { padding: 20px; }
    .pill { position: fixed; z-index: 2147483000; right: 20px; bottom: 20px; padding: 12px 20px; border-radius: 99px;
      color: #fff; background: #12683a; box-shadow: 0 8px 24px rgb(10 20 30 / 28%); }
    .pill:hover { background: #0d4f2c; }
    @media (prefers-color-scheme: dark) {
      .panel { background: #151c23; color: #e8eef3; border-color: #2a3540; }
      .head { border-color: #2a3540; }
      iframe { background: #0d1217; }
    }`;

  let ui = null;
  let opener = null; // what had the focus before the panel
  let popup = null;
  let live = read("sessionStorage", "cordboard-live", null);

  const make = (tag, attributes, text = "") => {
    const element = document.createElement(tag);
    for (const name in attributes) element.setAttribute(name, attributes[name]);
    element.textContent = text;
    return element;
  };

  function build() {
    const host = make("div", {});
    const root = host.attachShadow({ mode: "open" });
    const sheet = new CSSStyleSheet(); // allowed by a policy that forbids inline styles
    sheet.replaceSync(CSS);
    root.adoptedStyleSheets = [sheet];
    const panel = make("section", { class: "panel", role: "dialog", "aria-label": "Talk to us", hidden: "" });
    const head = make("div", { class: "head" });
    const title = make("span", {}, "Talk to us");
    const widen = make("button", { type: "button", "aria-label": "Larger or smaller" }, "⤢");
    const close = make("button", { type: "button", "aria-label": "Close" }, "✕");
    const none = make("p", { class: "none", hidden: "" }, "This page cannot be shown here. ");
    const other = make("a", { target: "_blank", rel: "opener" }, "Open it in a window");
    const pill = make("button", { type: "button", class: "pill", hidden: "" }, "Back to your call");
    none.append(other);
    head.append(title, widen, close);
    panel.append(head, none);
    root.append(panel, pill);
    document.body.append(host);
    widen.addEventListener("click", () => panel.classList.toggle("wide"));
    close.addEventListener("click", hide);
    pill.addEventListener("click", () => openPanel(live));
    other.addEventListener("click", (event) => {
      event.preventDefault();
      open(other.href, "window");
    });
    panel.addEventListener("keydown", (event) => event.key === "Escape" && hide());
    return { panel, title, none, other, pill, frame: null, patience: 0 };
  }

  function openPanel(url, takeFocus = true) {
    ui ??= build();
    opener = document.activeElement;
    ui.panel.hidden = false;
    ui.pill.hidden = true;
    ui.other.href = url;
    if (!ui.frame || ui.frame.dataset.url !== url) {
      ui.frame?.remove();
      ui.frame = make("iframe", { src: url, title: "Talk to us", allow: "", "data-url": url });
      ui.panel.append(ui.frame);
      ui.none.hidden = true;
      clearTimeout(ui.patience);
      ui.patience = setTimeout(() => (ui.none.hidden = false), PATIENCE_MS);
    }
    if (takeFocus) ui.frame.focus();
  }

  /** The panel only steps aside: a call goes on, and what was typed is there again. */
  function hide() {
    ui.panel.hidden = true;
    ui.pill.hidden = !live;
    (live ? ui.pill : opener)?.focus();
  }

  function open(link, how) {
    if (new URL(link, location.href).origin !== platform) return;
    const url = live ?? link; // one call at a time: back to the one that is under way
    if (how === "window" || FRAMED || innerWidth < NARROW) {
      popup = window.open(url, "cordboard-talk");
      if (!popup) location.assign(url); // windows are blocked: then this one
    } else openPanel(url);
  }

  // --- Messages: only from the platform, only from the page that we opened ---------------------
  const answers = {
    ready(_, source) {
      clearTimeout(ui?.patience);
      if (ui) ui.none.hidden = true;
      const number = read("localStorage", "cordboard-number", "");
      source.postMessage({ cordboard: "hello", number, pages: pages() }, platform);
    },
    remember: ({ number }) => /^\+[0-9]{7,15}$/.test(number) && write("localStorage", "cordboard-number", number),
    forget: () => write("localStorage", "cordboard-number", null),
    at({ url, live: isLive, title }) {
      const ours = typeof url === "string" && url.startsWith(`${platform}/talk/`);
      live = ours && isLive ? url : null;
      write("sessionStorage", "cordboard-live", live);
      if (!ui) return;
      if (ui.frame && ours) ui.frame.dataset.url = url;
      if (title) ui.title.textContent = String(title).slice(0, 80);
      if (!live) ui.pill.hidden = true;
    },
    close: () => ui && !ui.panel.hidden && hide(),
  };

  addEventListener("message", ({ origin, source, data }) => {
    if (origin !== platform || !source || !(source === ui?.frame?.contentWindow || source === popup)) return;
    if (data && Object.hasOwn(answers, data.cordboard)) answers[data.cordboard](data, source);
  });

  // --- Buttons ----------------------------------------------------------------------------------
  const NATIVE = "a[href], button, input, summary";
  const talkOf = (event) => event.target instanceof Element && event.target.closest("[data-cordboard-talk]");

  function press(event) {
    const element = talkOf(event);
    if (!element || event.defaultPrevented) return;
    event.preventDefault();
    open(element.dataset.cordboardTalk, element.dataset.cordboardOpen);
  }

  document.addEventListener("click", press);
  document.addEventListener("keydown", (event) => {
    const element = talkOf(event);
    if (element && !element.matches(NATIVE) && (event.key === "Enter" || event.key === " ")) press(event);
  });

  function start() {
    for (const element of document.querySelectorAll("[data-cordboard-talk]")) {
      element.setAttribute("aria-haspopup", "dialog");
      if (element.matches(NATIVE)) continue;
      element.setAttribute("role", "button");
      element.tabIndex = 0;
    }
    if (!live || FRAMED || innerWidth < NARROW) return;
    ui = build(); // the call went on while this page was opened
    ui.pill.hidden = false;
    openPanel(live, false);
  }

  window.cordboardTalk = { open };
  if (document.readyState === "loading") addEventListener("DOMContentLoaded", start);
  else start();
})();
