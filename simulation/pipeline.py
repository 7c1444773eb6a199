"""Carry out a deploy's steps in the account, and send Cronmend the events about them."""

import math
from dataclasses import dataclass, field

from simulation import ecs
from simulation.account import ARN, SERVICE, Account, rolled_back, rolled_out, rolling
from simulation.chance import Chance
from simulation.deploys import Deploy, Step, steps
from simulation.following import follows
from simulation.handlers import PIPELINE
from simulation.kernel import Kernel
from simulation.lambdas import Lambdas

_MARKERS = frozenset({"started", "migrated", "finished", "failed"})
_STATES = {"started": "STARTED", "finished": "SUCCEEDED", "failed": "FAILED", "cancelled": "STOPPED"}
_SERVICE = f"{ARN}:service/app-prod/{SERVICE}"


@dataclass
class Pipeline:
    kernel: Kernel
    chance: Chance
    account: Account
    lambdas: Lambdas
    former: dict[int, int] = field(default_factory=dict)
    """What the service ran before each revision."""

    def plan(self, deploy: Deploy) -> None:
        for step in steps(deploy, self.chance):
            self.kernel.at(step.at, lambda step=step: self._does(deploy, step))  # type: ignore[misc] # bound for this step

    def _does(self, deploy: Deploy, step: Step) -> None:
        self.account.witness.saw("deploy", name=deploy.name, revision=deploy.revision, step=step.word)
        if act := getattr(self, f"_{step.word}", None):
            act(deploy)
        self._report(deploy, step)

    def _register(self, deploy: Deploy) -> None:
        former = self.account.newest("webapp")
        self.account.registered["webapp", deploy.revision] = self.kernel.now
        if deploy.cleans and former < deploy.revision:
            self.account.deregister("webapp", former)

    def _schedules(self, deploy: Deploy) -> None:
        for job in self.account.jobs.values():
            if job.family == "webapp" and not follows(job.policy) and self._serves(job.name) < deploy.revision:
                self.account.move(job.name, deploy.revision, "pipeline")

    def _serves(self, job: str) -> int:
        known = self.account.schedules.get(job)
        return int(known.parameters["TaskDefinitionArn"].rsplit(":", 1)[-1]) if known else 1_000

    def _migrated(self, deploy: Deploy) -> None:
        """Only a marker and a task report a migration."""
        self.account.migrate(deploy.revision, {"markers": math.inf, "task": deploy.revision}.get(deploy.hook, 0))

    def _service(self, deploy: Deploy) -> None:
        if self.account.serves < deploy.revision:
            self.former[deploy.revision] = self.account.serves
            self.account.serve(rolling(self.account.service, deploy.revision, self.kernel.now))
            self._deployment(deploy, "SERVICE_DEPLOYMENT_IN_PROGRESS")

    def _served(self, deploy: Deploy) -> None:
        if self.account.serves == deploy.revision:
            self.account.serve(rolled_out(self.account.service, self.kernel.now))
            self._deployment(deploy, "SERVICE_DEPLOYMENT_COMPLETED")

    def _rolled_back(self, deploy: Deploy) -> None:
        if self.account.serves == deploy.revision:
            self.account.serve(rolled_back(self.account.service, self.kernel.now))
            self._deployment(deploy, "SERVICE_DEPLOYMENT_COMPLETED")

    def _reverted(self, deploy: Deploy) -> None:
        """The schedules that follow nothing are moved back, too."""
        if self.account.serves != deploy.revision:
            return
        former = self.former[deploy.revision]
        for job in self.account.jobs.values():
            if job.family == "webapp" and not follows(job.policy) and self._serves(job.name) == deploy.revision:
                self.account.move(job.name, former, "pipeline")
        self.account.serve(rolled_out(rolling(self.account.service, former, self.kernel.now), self.kernel.now))
        self._deployment(deploy, "SERVICE_DEPLOYMENT_COMPLETED", "reverted")

    def _deployment(self, deploy: Deploy, name: str, word: str = "") -> None:
        detail = {"eventName": name, "deploymentId": deploy.name, "reason": "ECS deployment changed."}
        self._send(deploy, "aws.ecs", "ECS Deployment State Change", detail, word or name, (_SERVICE,))

    def _report(self, deploy: Deploy, step: Step) -> None:
        match deploy.hook:
            case "markers" if step.word in _MARKERS:
                self._marker(deploy, step.word)
            case "wrong" if step.word in {"started", "register"}:
                self._marker(deploy, "started" if step.word == "started" else "finished")
            case "pipeline" if state := _STATES.get(step.word):
                detail = {"pipeline": PIPELINE, "execution-id": deploy.name, "state": state}
                self._send(deploy, "aws.codepipeline", "CodePipeline Pipeline Execution State Change", detail, state)
            case "task" if step.word in {"migrating", "migrated", "migration_failed"}:
                self._migration(deploy, step)

    def _marker(self, deploy: Deploy, word: str) -> None:
        self._send(deploy, "cronmend.deploy", word, {"family": "webapp", "release": deploy.name}, word)

    def _migration(self, deploy: Deploy, step: Step) -> None:
        code = {"migrating": None, "migrated": 0, "migration_failed": 1}[step.word]
        name = deploy.name.replace("/", "-")
        event = ecs.migration(name, deploy.revision, step.at, code, step.at - (0 if code is None else 60))
        self.lambdas.deliver("deploy_state", f"{deploy.name}/{step.word}", event)

    def _send(
        self, deploy: Deploy, source: str, kind: str, detail: ecs.Json, word: str, resources: tuple[str, ...] = ()
    ) -> None:
        key = f"{deploy.name}/{word}"
        event = ecs.envelope(source, kind, detail, self.kernel.now, key, resources)
        self.lambdas.deliver("deploy_state", key, event)
