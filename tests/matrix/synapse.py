"""A real Synapse on loopback with SQLite, from its own virtual environment, and people with accounts there."""

import hashlib
import hmac
import json
import os
import socket
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import quote
from urllib.request import ProxyHandler, Request, build_opener

ROOT = Path(__file__).parents[2]
PYTHON = ROOT / ".venv-synapse" / "bin" / "python"
SERVER = "localhost"
SECRET = "practice-registration"
START_SECONDS = 40.0
"""Passing it is a failure; about 3 seconds are usual."""

CONFIG = """
server_name: {server}
pid_file: {folder}/pid
listeners:
  - port: {port}
    type: http
    bind_addresses: ["127.0.0.1"]
    resources: [{{names: [client]}}]
database: {{name: sqlite3, args: {{database: {folder}/homeserver.db}}}}
log_config: {folder}/log.yaml
media_store_path: {folder}/media
signing_key_path: {folder}/signing.key
registration_shared_secret: {secret}
report_stats: false
trusted_key_servers: []
suppress_key_server_warning: true
url_preview_enabled: false
enable_registration: false
rc_message: {{per_second: 1000, burst_count: 10000}}
rc_login: {{address: {{per_second: 1000, burst_count: 1000}}, account: {{per_second: 1000, burst_count: 1000}}}}
rc_room_creation: {{per_second: 1000, burst_count: 1000}}
rc_admin_redaction: {{per_second: 1000, burst_count: 1000}}
rc_joins: {{local: {{per_second: 1000, burst_count: 1000}}}}
"""
LOG = """
version: 1
handlers: {{file: {{class: logging.FileHandler, filename: {folder}/log.txt}}}}
root: {{level: WARNING, handlers: [file]}}
"""

_open = build_opener(ProxyHandler({})).open


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Somebody at the homeserver."""

    id: str
    token: str


@dataclass
class Synapse:
    """One running server. Talks to it with blocking calls, as a test's arrangement may."""

    folder: Path
    port: int = 0
    people: dict[str, Account] = field(default_factory=dict)
    _process: "subprocess.Popen[bytes] | None" = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        config = self.folder / "homeserver.yaml"
        values = {"server": SERVER, "folder": self.folder, "port": self.port, "secret": SECRET}
        config.write_text(CONFIG.format(**values))
        (self.folder / "log.yaml").write_text(LOG.format(folder=self.folder))
        command = [str(PYTHON), "-m", "synapse.app.homeserver", "-c", str(config)]
        environ = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
        said = (self.folder / "said.txt").open("wb")
        subprocess.run([*command, "--generate-keys"], check=True, env=environ, stdout=said, stderr=said)
        self._process = subprocess.Popen(command, env=environ, cwd=self.folder, stdout=said, stderr=said)
        said.close()
        self._wait()
        for name in ("recall", "ann", "bob"):
            self.person(name, admin=name == "recall")

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait(10)

    def person(self, name: str, *, admin: bool = False) -> Account:
        """Register somebody with the shared secret, which needs no open registration."""
        path = "/_synapse/admin/v1/register"
        nonce = self.call("GET", path)["nonce"]
        kind = "admin" if admin else "notadmin"
        signed = f"{nonce}\0{name}\0pw\0{kind}".encode()
        mac = hmac.new(SECRET.encode(), signed, hashlib.sha1).hexdigest()
        body = {"nonce": nonce, "username": name, "password": "pw", "admin": admin, "mac": mac}
        answer = self.call("POST", path, body)
        self.people[name] = Account(id=answer["user_id"], token=answer["access_token"])
        return self.people[name]

    def room(self, alias: str, *members: str, **more: Any) -> str:
        """Make a room of ann's with an alias, and let others join; returns its id."""
        body = {"preset": "public_chat", "room_alias_name": alias, **more}
        room: str = self.call("POST", "/_matrix/client/v3/createRoom", body, by="ann")["room_id"]
        for name in members:
            self.call("POST", f"/_matrix/client/v3/rooms/{quote(room)}/join", {}, by=name)
        return room

    def promote(self, room: str, name: str, power: int) -> None:
        """Give somebody power in a room of ann's."""
        path = f"/_matrix/client/v3/rooms/{quote(room)}/state/m.room.power_levels/"
        levels = self.call("GET", path, by="ann")
        levels["users"] = {**levels.get("users", {}), self.people[name].id: power}
        self.call("PUT", path, levels, by="ann")

    def says(self, name: str, room: str, text: str, **content: Any) -> str:
        """Send a message; returns its event's id."""
        body = {"msgtype": "m.text", "body": text, **content}
        transaction = hashlib.sha256(f"{text}{time.monotonic_ns()}".encode()).hexdigest()
        path = f"/_matrix/client/v3/rooms/{quote(room)}/send/m.room.message/{transaction}"
        return str(self.call("PUT", path, body, by=name)["event_id"])

    def edits(self, name: str, room: str, event: str, text: str) -> str:
        """Replace a message's text; returns the edit's own id."""
        new = {"msgtype": "m.text", "body": text}
        related = {"rel_type": "m.replace", "event_id": event}
        return self.says(name, room, f"* {text}", **{"m.new_content": new, "m.relates_to": related})

    def redacts(self, name: str, room: str, event: str) -> None:
        """Remove a message behind Recall's back."""
        path = f"/_matrix/client/v3/rooms/{quote(room)}/redact/{quote(event)}/{time.monotonic_ns()}"
        self.call("PUT", path, {}, by=name)

    def event(self, room: str, event: str) -> dict[str, Any]:
        """Read an event as ann sees it."""
        path = f"/_matrix/client/v3/rooms/{quote(room)}/event/{quote(event)}"
        return self.call("GET", path, by="ann")

    def slow_down(self, name: str) -> None:
        """Let somebody send one message in ten seconds."""
        path = f"/_synapse/admin/v1/users/{quote(self.people[name].id)}/override_ratelimit"
        self.call("POST", path, {"messages_per_second": 1, "burst_count": 1}, by="recall")

    def call(self, method: str, path: str, body: Any = None, *, by: str | None = None) -> dict[str, Any]:
        headers = {"Content-Type": "application/json"}
        if by is not None:
            headers["Authorization"] = f"Bearer {self.people[by].token}"
        data = None if body is None else json.dumps(body).encode()
        request = Request(f"{self.url}{path}", data=data, headers=headers, method=method)  # noqa: S310 - loopback
        try:
            with _open(request, timeout=20) as answer:
                return dict(json.load(answer))
        except HTTPError as error:
            raise AssertionError(f"{method} {path}: {error.code} {error.read()!r}") from None

    def _wait(self) -> None:
        ends = time.monotonic() + START_SECONDS
        while True:
            try:
                self.call("GET", "/_matrix/client/versions")
            except (URLError, OSError):
                process = self._process
                assert process is not None
                assert process.poll() is None, (self.folder / "said.txt").read_text()[-2000:]
                assert time.monotonic() < ends, "Synapse did not answer in time"
                time.sleep(0.05)
            else:
                return
