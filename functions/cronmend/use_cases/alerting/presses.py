"""Do what a person asks for with a button: acknowledge, mute, or have ``rerun`` check every guard and run the job."""

from datetime import datetime, timedelta

from msgspec import Struct

from cronmend.errors import Permanent, Retryable
from cronmend.model.presses import Button, Press
from cronmend.model.wakeups import RunRequest
from cronmend.ports.clicks import RerunAnswer, Reruns
from cronmend.use_cases.alerting.acknowledge import Acknowledgements

MUTE = timedelta(days=1)


class Presses(Struct, frozen=True):
    answers: Acknowledgements
    runs: Reruns

    def carry_out(self, press: Press, now: datetime) -> str:
        """A sentence for the person. A failure is not retried: doing it minutes later would surprise them."""
        try:
            return self._done(press, now)
        except Retryable as error:
            return f"That didn't work: {error}. Click again in a minute."
        except Permanent as error:
            return f"Nothing was done: {error}"

    def _done(self, press: Press, now: datetime) -> str:
        match press.button:
            case Button.ACKNOWLEDGE:
                return self.answers.acknowledge(press.job, press.by, now, press.incident)
            case Button.MUTE:
                reason = f"by the button {press.where}"
                return self.answers.mute(press.job, press.at + MUTE, press.by, reason, now)
            case Button.RERUN:
                if press.incident:
                    self.answers.open_incident(press.job, press.incident)
                return _sentence(press.job, self.runs.ask(RunRequest(press.job, press.id, by=press.by)))


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
