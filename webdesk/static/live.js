// The live connection. It ends only with the page: after any loss it goes on where it stopped.
// The browser's EventSource repeats the id of the last event by itself; a closed one is made anew
// here from that id. Silence for longer than three heartbeats counts as a loss too.

const SILENCE_MS = 32_000;
const FIRST_PAUSE_MS = 400;
const LONGEST_PAUSE_MS = 8_000;

/**
 * Follow a stream of events.
 * @param address answers the stream's address for a position
 * @param types names of the events that are wanted
 * @param position id from which on events are wanted
 * @param on {event(type, data), link("live" | "lost"), clock(ms), reset(), signedOut()};
 *   reset() answers a promise of the position of the state that was loaded anew
 */
export function followStream(address, types, position, on) {
  let source = null;
  let watchdog = 0;
  let pause = FIRST_PAUSE_MS;

  function open() {
    source = new EventSource(address(encodeURIComponent(position)));
    source.addEventListener("open", alive);
    source.addEventListener("error", lost);
    source.addEventListener("heartbeat", (message) => {
      alive();
      on.clock(JSON.parse(message.data).now_ms);
    });
    source.addEventListener("reset", reload);
    source.addEventListener("signed_out", () => {
      close();
      on.signedOut();
    });
    for (const type of types) source.addEventListener(type, receive);
    watch();
  }

  function receive(message) {
    position = message.lastEventId;
    on.event(message.type, JSON.parse(message.data));
    alive();
  }

  function alive() {
    pause = FIRST_PAUSE_MS;
    on.link("live");
    watch();
  }

  function watch() {
    clearTimeout(watchdog);
    watchdog = setTimeout(again, SILENCE_MS);
  }

  function close() {
    clearTimeout(watchdog);
    source.close();
  }

  function lost() {
    on.link("lost");
    if (source.readyState === EventSource.CLOSED) again();
  }

  function again() {
    on.link("lost");
    close();
    setTimeout(open, pause);
    pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
  }

  async function reload() {
    close();
    try {
      position = await on.reset();
      open();
    } catch {
      setTimeout(reload, pause);
      pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
    }
  }

  addEventListener("online", () => source.readyState === EventSource.OPEN || again());
  // A page that the browser kept aside and shows again has an old state: load it anew.
  addEventListener("pageshow", (shown) => shown.persisted && location.reload());
  open();
}
