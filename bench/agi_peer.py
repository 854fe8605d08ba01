"""The peer of P7: a socket server that replies with given bytes and knows nothing of AGI.

``python -m bench.agi_peer THREADS [DATABASE_URL STATEMENT]`` listens on a free port of 127.0.0.1
and prints its number. Every connection gets the lines of standard input one after the other, the
first when the request has come, each further one when something came back. With a statement, each
thread keeps a connection to PostgreSQL and runs it once before the last line. No parsing, no names,
no log, no deadline. Ends when it is killed.
"""

from __future__ import annotations

import socket
import sys
import threading
from collections.abc import Callable

import psycopg


def serve(listener: socket.socket, lines: list[bytes], before_last: Callable[[], object]) -> None:
    """Answer connection after connection, for ever."""
    while True:
        connection, _ = listener.accept()
        with connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            request = b""
            while not request.endswith(b"\n\n"):
                request += connection.recv(4096)
            for line in lines[:-1]:
                connection.sendall(line)
                connection.recv(4096)
            before_last()
            connection.sendall(lines[-1])
            connection.recv(4096)


def statement_runner(url: str, statement: str) -> Callable[[], object]:
    """What runs the statement on a connection of its own."""
    connection = psycopg.connect(url, autocommit=True)
    return lambda: connection.execute(statement, prepare=True).fetchall()


def main() -> None:
    """Listen, say where, serve."""
    threads, *query = sys.argv[1:]
    lines = sys.stdin.buffer.read().splitlines(keepends=True)
    listener = socket.create_server(("127.0.0.1", 0), backlog=512)
    runners = [statement_runner(*query) if query else (lambda: None) for _ in range(int(threads))]
    sys.stdout.write(f"{listener.getsockname()[1]}\n")
    sys.stdout.flush()
    serving = [threading.Thread(target=serve, args=(listener, lines, run)) for run in runners]
    for thread in serving:
        thread.start()


if __name__ == "__main__":
    main()
