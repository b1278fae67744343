"""A real HTTP proxy that mistreats the first request, or some, and forwards the others."""

import http.client
import socket
import struct
import threading
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

BODY = b'{"code": "fault", "message": "On purpose", "detail": "On purpose", "errors": []}'


@dataclass(frozen=True)
class Seen:
    path: str
    encoding: str
    status: int
    """What the client was answered; 0 where its connection broke."""


class Proxy(ThreadingHTTPServer):
    """`fault` is "200" (none), "500", "429", "broken" (stored, but the answer is lost), "killed" (the
    server, in the middle of the request; another one takes over) or "refused" (nothing listens
    until `open`)."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(
        self, fault: str, upstream: int, kill: Callable[[], int], *, again_every: int = 0
    ) -> None:
        """`kill` kills the server and returns the port of the other one."""
        super().__init__(("127.0.0.1", 0), Handler, bind_and_activate=False)
        self.fault, self.upstream, self.kill = fault, upstream, kill
        self.seen: list[Seen] = []
        self.lock = threading.Lock()
        self.fine = fault in {"200", "refused"}
        self.again_every = again_every
        self.requests = 0
        self.server_bind()
        if fault != "refused":
            self.open()

    def open(self) -> None:
        self.server_activate()
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def strikes(self) -> bool:
        """Whether this request meets the fault: the first, and perhaps some later ones."""
        with self.lock:
            number, self.requests = self.requests, self.requests + 1
        again = self.again_every and number % self.again_every == 0
        return not self.fine and (number == 0 or bool(again))

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is part of the game."""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Proxy

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        fault = self.server.fault if self.server.strikes() else "200"
        match fault:
            case "500":
                self.answer(500, {}, BODY)
            case "429":
                self.answer(429, {"Retry-After": "1"}, BODY)
            case "broken":
                self.forward(body)
                self.hang_up()
            case "killed":
                self.lose(body)
            case _:
                self.answer(*self.forward(body))

    do_GET = do_POST

    def lose(self, body: bytes) -> None:
        sender = threading.Thread(target=self.forward, args=(body,), daemon=True)
        sender.start()
        self.server.upstream = self.server.kill()
        sender.join()
        self.hang_up()

    def forward(self, body: bytes) -> tuple[int, dict[str, str], bytes]:
        upstream = http.client.HTTPConnection("127.0.0.1", self.server.upstream, timeout=30)
        headers = {k: v for k, v in self.headers.items() if k.lower() not in {"connection"}}
        try:
            upstream.request(self.command, self.path, body, headers)
            response = upstream.getresponse()
            return response.status, dict(response.getheaders()), response.read()
        except (OSError, http.client.HTTPException):
            return 502, {}, BODY
        finally:
            upstream.close()

    def answer(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.note(status)
        self.send_response(status)
        for name in ("Retry-After", "Location"):
            if name in headers:
                self.send_header(name, headers[name])
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def hang_up(self) -> None:
        """With a reset, as a killed server's system answers."""
        self.note(0)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True
        self.connection.close()

    def note(self, status: int) -> None:
        encoding = self.headers.get("Content-Encoding", "")
        self.server.seen.append(Seen(self.path, encoding, status))

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Quiet."""
