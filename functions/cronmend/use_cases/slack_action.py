"""A button in Slack was clicked: prove that Slack says so, answer it at once, and then do what the person asked."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from cronmend.errors import BadEvent, Permanent, Retryable
from cronmend.incoming import slack_requests
from cronmend.incoming.envelope import Json
from cronmend.incoming.slack_requests import Button, Click
from cronmend.model.wakeups import RunRequest
from cronmend.ports.clicks import AllowedUsers, ClickRelay, Replies, RerunAnswer, Reruns, SeenRequests, Signatures
from cronmend.use_cases.alerting.acknowledge import Acknowledgements

MUTE = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class ClickResult:
    """``status`` is all that the sender is told; ``why`` is for our log."""

    status: int
    why: str
    click: Click | None = None


@dataclass(frozen=True, slots=True)
class Done:
    done: str
    """What the person was told."""
    told: str = ""
    """Why the person could not be told; empty where that worked."""


@dataclass(frozen=True, slots=True)
class HandleClick:
    signatures: Signatures
    taken: SeenRequests
    relay: ClickRelay
    staff: AllowedUsers
    runs: Reruns
    replies: Replies
    answers: Acknowledgements

    def handle(self, event: Json, now: datetime) -> ClickResult:
        """Nothing of the body is looked at before its signature has held.

        Raises:
            Retryable: AWS did not answer; nothing was done, and Slack tells the person so.
        """
        try:
            request = slack_requests.signed(event)
            if refusal := self.signatures.refusal(request, now):
                return ClickResult(401, refusal)
            click = slack_requests.click(request)
        except BadEvent as error:
            return ClickResult(400, str(error))
        if click is None:
            return ClickResult(200, "a button that asks nothing of us")
        if not self.replies.accepts(click.reply_to):
            return ClickResult(400, "the answer is to go to an address that is not Slack's")
        if not self.taken.first(request.signature, now):
            return ClickResult(200, "already done: the same request came before", click)
        self.relay.hand_on(click)
        return ClickResult(200, "handed on", click)

    def carry_out(self, click: Click, now: datetime) -> Done:
        """Do it once, and tell the person what came of it."""
        done = self._done(click, now)
        try:
            self.replies.tell(click.reply_to, done)
        except (Retryable, Permanent) as error:
            return Done(done, str(error))
        return Done(done)

    def _done(self, click: Click, now: datetime) -> str:
        """A person is told at once what could not be done: doing it minutes later would come as a surprise."""
        try:
            if not self.staff.may(click.user, now):
                access = f"ask for {click.user} to be added to the stack parameter SlackAllowed"
                return f"You aren't allowed to do this. To get access, {access}."
        except (Retryable, Permanent) as error:
            return f"Nothing was done. Cronmend couldn't check whether you are allowed to do this: {error}"
        try:
            return self._act(click, now)
        except Retryable as error:
            return f"That didn't work: {error}. Click again in a minute."
        except Permanent as error:
            return f"Nothing was done: {error}"

    def _act(self, click: Click, now: datetime) -> str:
        match click.button:
            case Button.ACKNOWLEDGE:
                return self.answers.acknowledge(click.job, click.by, now, click.incident)
            case Button.MUTE:
                return self.answers.mute(click.job, click.at + MUTE, click.by, "by the button in Slack", now)
            case Button.RERUN:
                self.answers.open_incident(click.job, click.incident)
                return _sentence(click.job, self.runs.ask(RunRequest(click.job, f"slack-{click.id}", by=click.by)))


def _sentence(job: str, ran: RerunAnswer) -> str:
    if ran.task_arn:
        return f"{job}: {ran.done} ({ran.task_arn.rsplit('/', 1)[-1]})."
    blockers = "".join(f"\n• {each}" for each in ran.blockers)
    remedy = (
        f"\n`cronmend rerun {job} --force` overrides these guards, but never starts a run next to an active one."
        if blockers
        else ""
    )
    return f"{job}: {ran.done}.{blockers}{remedy}"
