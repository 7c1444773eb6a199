"""Handle a click in Slack: verify that Slack sent it, answer at once, then do what the person asked."""

from datetime import datetime

from msgspec import Struct

from cronmend.errors import BadEvent, Permanent, Retryable
from cronmend.incoming import slack_requests
from cronmend.incoming.envelope import Json
from cronmend.incoming.slack_requests import Click
from cronmend.model.presses import Press
from cronmend.ports.clicks import AllowedUsers, ClickRelay, Replies, SeenRequests, Signatures
from cronmend.use_cases.alerting.presses import Presses


class ClickResult(Struct, frozen=True):
    """The sender gets only ``status``; ``why`` is for the log."""

    status: int
    why: str
    click: Click | None = None


class Done(Struct, frozen=True):
    done: str
    """The reply to the person."""
    undelivered: str = ""
    """Why the reply couldn't be sent; ``""`` if it was."""


class HandleClick(Struct, frozen=True):
    signatures: Signatures
    seen: SeenRequests
    relay: ClickRelay
    allowed: AllowedUsers
    replies: Replies
    presses: Presses

    def handle(self, event: Json, now: datetime) -> ClickResult:
        """Verify the request's signature before reading its body.

        Raises:
            Retryable: AWS didn't answer; nothing was done, and Slack shows the person an error.
        """
        try:
            request = slack_requests.signed(event)
            if refusal := self.signatures.refusal(request, now):
                return ClickResult(401, refusal)
            click = slack_requests.click(request)
        except BadEvent as error:
            return ClickResult(400, str(error))
        if click is None:
            return ClickResult(200, "the button needs no action")
        if not self.replies.accepts(click.reply_to):
            return ClickResult(400, "the reply address isn't Slack's")
        if not self.seen.first(request.signature, now):
            return ClickResult(200, "the request was already processed", click)
        self.relay.forward(click)
        return ClickResult(200, "forwarded", click)

    def carry_out(self, click: Click, now: datetime) -> Done:
        """Do what the click asks, and reply to the person."""
        done = self._done(click, now)
        try:
            self.replies.send(click.reply_to, done)
        except (Retryable, Permanent) as error:
            return Done(done, str(error))
        return Done(done)

    def _done(self, click: Click, now: datetime) -> str:
        try:
            if not self.allowed.may(click.user, now):
                access = f"ask for {click.user} to be added to the stack parameter SlackAllowed"
                return f"You aren't allowed to do this. To get access, {access}."
        except (Retryable, Permanent) as error:
            return f"Nothing was done. Cronmend couldn't check whether you are allowed to do this: {error}"
        return self.presses.carry_out(_press(click), now)


def _press(click: Click) -> Press:
    return Press(click.button, click.job, click.incident, click.by, click.at, f"slack-{click.id}", "in Slack")
