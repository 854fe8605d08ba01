"""Servers that let one in and then say nothing, or nearly nothing."""

from __future__ import annotations

import socket
import socketserver
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

Talk = Callable[[socket.socket], None]


@contextmanager
def listening(talk: Talk) -> Iterator[int]:
    """The port of a server that talks so on each connection, until this ends."""
    connections: list[socket.socket] = []

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            connections.append(self.request)
            with suppress(OSError):
                talk(self.request)

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True
        block_on_close = False

    with Server(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        try:
            yield int(server.server_address[1])
        finally:
            server.shutdown()
            for one in connections:
                with suppress(OSError):
                    one.shutdown(socket.SHUT_RDWR)


@contextmanager
def silent_postgres(answers: int) -> Iterator[str]:
    """The URL of a PostgreSQL that answers each connection's first simple queries, empty ones, and
    then falls silent. Whoever would cancel is not heard either."""

    def talk(client: socket.socket) -> None:
        stream = client.makefile("rb")
        (length,) = struct.unpack("!i", stream.read(4))
        (code,) = struct.unpack("!i", stream.read(length - 4)[:4])
        if code == 80877102:  # a request to cancel
            stream.read()
            return
        client.sendall(_message(b"R", struct.pack("!i", 0)) + _parameters() + _READY)
        for _ in range(answers):
            kind = stream.read(1)
            stream.read(struct.unpack("!i", stream.read(4))[0] - 4)
            if kind != b"Q":
                break
            client.sendall(_message(b"I", b"") + _READY)
        stream.read()

    with listening(talk) as port:
        yield f"postgresql://x@127.0.0.1:{port}/x?sslmode=disable&gssencmode=disable"


def dripping(client: socket.socket) -> None:
    """An HTTP service that answers by one byte every tenth of a second."""
    client.recv(65536)
    client.settimeout(0.1)
    for byte in b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n" + b" " * 99:
        client.sendall(bytes([byte]))
        with suppress(TimeoutError):
            if not client.recv(65536):
                return


def _message(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack("!i", len(body) + 4) + body


_READY = _message(b"Z", b"I")


def _parameters() -> bytes:
    told = {"client_encoding": "UTF8", "server_version": "15.0", "TimeZone": "UTC"}
    return b"".join(_message(b"S", f"{k}\0{v}\0".encode()) for k, v in told.items())
