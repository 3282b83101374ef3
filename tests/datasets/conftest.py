"""Data folders of their own for every test, and a web server on this computer."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from kexp.core import files


class Server:
    """Serves `answers`: path -> (status, body, announced length or None); counts what was asked for."""

    def __init__(self) -> None:
        self.answers: dict[str, tuple[int, bytes, int | None]] = {}
        self.asked: list[str] = []
        owner = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                owner.asked.append(self.path)
                status, body, length = owner.answers.get(self.path, (404, b"", 0))
                self.send_response(status)
                if length is not None:
                    self.send_header("Content-Length", str(length))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args: object) -> None:
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_address[1]}"

    def give(self, name: str, body: bytes, *, status: int = 200, announced: int | None = None) -> str:
        """Answer GET /name with `body`; return the URL."""
        self.answers[f"/{name}"] = (status, body, announced)
        return f"{self.url}/{name}"


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
    thread = threading.Thread(target=made.http.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield made
    made.http.shutdown()
    made.http.server_close()
    thread.join()


@pytest.fixture(autouse=True)
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Cache and system folder below tmp_path, no KEXP_DATA, no proxy."""
    monkeypatch.setenv("KEXP_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("KEXP_DATA", raising=False)
    monkeypatch.setenv("NO_PROXY", "*")
    monkeypatch.setenv("no_proxy", "*")
    monkeypatch.setattr(files, "SYSTEM_FOLDER", tmp_path / "system")
    return tmp_path
