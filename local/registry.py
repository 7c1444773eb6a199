"""An image registry on the loopback, from which the local Fargate really pulls. It can hang on request.

The paths are those of a real registry: ``/v2/<repository>/manifests/<tag>`` and ``/v2/<repository>/blobs/<digest>``.
"""

import json
import threading
from typing import Self

from local.aws import ACCOUNT, REGION
from local.images import ImageArchive
from local.web import LoopbackServer, Request, Response

HOST = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com"
"""The host in image references, as in a real account."""
HANG_SECONDS = 1.0
GATEWAY_TIMEOUT = 504
"""What a registry that hangs answers after :data:`HANG_SECONDS`. A slow answer of a busy machine is no hang."""


def reference(repository: str, tag: str | int) -> str:
    return f"{HOST}/{repository}:{tag}"


class Registry:
    def __init__(self, port: int = 0) -> None:
        self._tags: dict[str, ImageArchive] = {}
        self._hanging = 0
        self._lock = threading.Lock()
        self._seconds = HANG_SECONDS
        self._released = threading.Event()
        self._server = LoopbackServer(self._handle, port)

    @property
    def address(self) -> str:
        return self._server.url.removeprefix("http://")

    def __enter__(self) -> Self:
        self._server.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._released.set()
        self._server.stop()

    def push(self, repository: str, tag: str | int, image: ImageArchive) -> str:
        """Store the image under this tag; returns its reference."""
        with self._lock:
            self._tags[f"{repository}:{tag}"] = image
        return reference(repository, tag)

    def hang(self, requests: int = 1, seconds: float = HANG_SECONDS) -> None:
        """Let each of the next ``requests`` time out after ``seconds``; 0 ends those that hang at once."""
        with self._lock:
            self._hanging, self._seconds = requests, seconds
        if not requests:
            self._released.set()
            self._released = threading.Event()

    def _handle(self, request: Request) -> Response:
        if self._hangs():
            self._released.wait(self._seconds)
            return Response(GATEWAY_TIMEOUT, b"")
        _, _, repository, kind, name = request.path.split("/", 4) if request.path.count("/") >= 4 else [""] * 5
        image = self._image(repository, kind, name)
        if image is None:
            return Response(404, b'{"errors":[{"code":"MANIFEST_UNKNOWN"}]}')
        if kind == "blobs":
            return Response(200, image.content)
        return Response(200, json.dumps({"digest": image.digest, "size": len(image.content)}).encode())

    def _image(self, repository: str, kind: str, name: str) -> ImageArchive | None:
        with self._lock:
            if kind == "manifests":
                return self._tags.get(f"{repository}:{name}")
            own = (image for tag, image in self._tags.items() if tag.startswith(f"{repository}:"))
            return next((image for image in own if image.digest == name), None)

    def _hangs(self) -> bool:
        with self._lock:
            self._hanging -= 1
            return self._hanging >= 0
