"""The peer of P2: the shortest way from a Redis stream to a painted line in a browser.

``python -m bench.bare_pop REDIS_URL STREAM`` listens on a free port of 127.0.0.1 and prints it.
``/`` is a page with one line; ``/events`` sends it every entry of the stream as it is, from now on.
No log-in, no state, no card.
"""

from __future__ import annotations

import http.server
import sys
from typing import Any

import redis

PAGE = """\
<!doctype html><meta charset="utf-8"><title>Bare pop</title><p id="call"></p><script>
const line = document.querySelector("#call");
const source = new EventSource("/events");
source.onopen = () => { line.dataset.link = "live"; };
source.addEventListener("call.offered", (message) => {
  const { call } = JSON.parse(message.data);
  line.textContent = call.customer?.name || call.ani;
  line.dataset.call = call.id;
  requestAnimationFrame(() => {
    const channel = new MessageChannel();
    channel.port1.onmessage = () => {
      line.dataset.paintedMs = (performance.timeOrigin + performance.now()).toFixed(1);
    };
    channel.port2.postMessage(null);
  });
});
</script>
"""


class Handler(http.server.BaseHTTPRequestHandler):
    """The page, and its events."""

    url = ""
    stream = ""

    def do_GET(self) -> None:
        """Answer one request; that of events never ends."""
        self.send_response(200)
        events = self.path == "/events"
        self.send_header("Content-Type", "text/event-stream" if events else "text/html")
        self.end_headers()
        if events:
            self._send_events()
        else:
            self.wfile.write(PAGE.encode())

    def _send_events(self) -> None:
        client = redis.Redis.from_url(self.url, decode_responses=True, socket_timeout=None)
        self.wfile.write(b": here\n\n")
        last = "$"
        while True:
            answer: Any = client.xread({self.stream: last}, block=0)
            for _, entries in answer:
                for last, fields in entries:  # noqa: B007 - read on from there
                    text = f"event: {fields['type']}\ndata: {fields['data']}\n\n"
                    self.wfile.write(text.encode())

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


def main() -> None:
    """Serve until killed."""
    Handler.url, Handler.stream = sys.argv[1:]
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    sys.stdout.write(f"{server.server_port}\n")
    sys.stdout.flush()
    server.serve_forever()


if __name__ == "__main__":
    main()
