"""Let ``sam local invoke`` reach a running local account: an address that containers can connect to, and settings.

``samconfig.toml`` names the files that this module writes, so that the command stays short.
"""

import contextlib
import fcntl
import json
import socket
import socketserver
import struct
import subprocess
import sys
import threading
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Self

from local.aws import LOOPBACK, Clients, Endpoints, search_path
from local.root import ROOT
from local.sam import SamFailed

HOST = "host.docker.internal"
SETTINGS = ROOT / ".local" / "sam-local.json"
BRIDGE = "docker0"
BUILD_SECONDS = 300
_ADDRESS_OF_INTERFACE = 0x8915  # Linux's SIOCGIFADDR, which the standard library doesn't define


class Containers:
    """Opens the account to this machine's containers as long as this context is open.

    Docker Desktop maps ``host.docker.internal`` to this machine's loopback. On Linux it is the address of Docker's
    bridge, where the account doesn't listen: there, forwarders listen on the bridge's address, which no other machine
    can reach, and the account itself stays on the loopback.

    Args:
        settings: the file for ``sam local invoke --env-vars``. It exists only as long as this context, so that a
            function never runs by accident against another account.
    """

    def __init__(self, endpoints: Endpoints, clients: Clients, settings: Path = SETTINGS) -> None:
        self._endpoints = endpoints
        self._clients = clients
        self._settings = settings
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            if bridge := address_of(BRIDGE):
                for endpoint in (self._endpoints.aws, self._endpoints.ecs):
                    stack.enter_context(Forwarder(bridge, _port(endpoint)))
            self._settings.parent.mkdir(parents=True, exist_ok=True)
            self._settings.write_text(json.dumps({"Parameters": self._variables()}, indent=2) + "\n")
            stack.callback(self._settings.unlink, missing_ok=True)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def _variables(self) -> Mapping[str, str]:
        """The variables of the deployed functions, with a container's addresses. It can't reach the Slack stand-in."""
        given: dict[str, str] = {}
        for page in self._clients.functions.get_paginator("list_functions").paginate():
            for function in page["Functions"]:
                given |= function.get("Environment", {}).get("Variables", {})
        return {
            **given,
            "SLACK_SECRET_ARN": "",
            "AWS_ENDPOINT_URL": f"http://{HOST}:{_port(self._endpoints.aws)}",
            "AWS_ENDPOINT_URL_ECS": f"http://{HOST}:{_port(self._endpoints.ecs)}",
        }


class Forwarder:
    """Forwards connections to ``address:port`` to the same port of the loopback."""

    def __init__(self, address: str, port: int) -> None:
        self._server = _ForwardingServer(address, port)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.1,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _ForwardingServer(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False

    def __init__(self, address: str, port: int) -> None:
        self.port = port
        super().__init__((address, port), _Connection)


class _Connection(socketserver.BaseRequestHandler):
    server: _ForwardingServer

    def handle(self) -> None:
        with socket.create_connection((LOOPBACK, self.server.port)) as account:
            back = threading.Thread(target=_copy, args=(account, self.request), daemon=True)
            back.start()
            _copy(self.request, account)
            back.join()


def _copy(source: socket.socket, target: socket.socket) -> None:
    """Copy until the source ends. The other direction may still be open."""
    with contextlib.suppress(OSError):
        while data := source.recv(65_536):
            target.sendall(data)
    with contextlib.suppress(OSError):
        target.shutdown(socket.SHUT_WR)


def address_of(interface: str) -> str:
    """The IPv4 address of a network interface of this machine; ``""`` if there is none of that name."""
    if sys.platform != "linux":
        return ""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            answer = fcntl.ioctl(probe, _ADDRESS_OF_INTERFACE, struct.pack("256s", interface.encode()))
        except OSError:
            return ""
    return socket.inet_ntoa(answer[20:24])


def build() -> None:
    """``sam build`` of the functions for containers, with the ``containers`` settings of ``samconfig.toml``.

    Raises:
        SamFailed: the message has SAM's last output.
    """
    sam = Path(sys.executable).with_name("sam")
    environment = {"PATH": search_path(), "HOME": str(Path.home()), "LANG": "C.UTF-8", "SAM_CLI_TELEMETRY": "0"}
    done = subprocess.run(  # noqa: S603 - this project's own SAM
        [sam, "build", "--config-env", "containers"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=BUILD_SECONDS,
        check=False,
    )
    if done.returncode:
        raise SamFailed(f"`sam build --config-env containers` exited with {done.returncode}:\n{done.stderr[-2000:]}")


def _port(endpoint: str) -> int:
    return int(endpoint.rsplit(":", 1)[-1])
