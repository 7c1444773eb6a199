"""What `cronmend local break` asks of the running account: `POST /break`, and `GET /break` for the progress."""

import json

from local.breakage.breaker import Breaker, Refused
from local.breakage.kinds import Kind
from local.messages.server import MessageServer, answer
from local.web import Request, Response

PATH = "/break"


def serve(breaker: Breaker, server: MessageServer) -> None:
    def start(request: Request) -> Response:
        asked = json.loads(request.body)
        kind = Kind(asked["kind"]) if asked["kind"] else None
        try:
            if asked["fix"] or kind is None:
                breaker.fix(kind)
            else:
                breaker.start(kind)
        except Refused as error:
            return answer(409, str(error))
        return answer(202)

    server.broken = lambda: breaker.broken
    server.add("POST", PATH, start)
    server.add("GET", PATH, lambda _: answer(200, **breaker.state()))
