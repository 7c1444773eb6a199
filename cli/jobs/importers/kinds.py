"""Which kind of source a file is, by the shape of its content."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import PurePath
from typing import Any

from cli.jobs.importers import cloudformation, crontab, ecschedule, heroku, manifests
from cronmend.errors import UNREADABLE, Permanent


class Kind(StrEnum):
    TERRAFORM = "terraform"
    ECSCHEDULE = "ecschedule"
    CLOUDFORMATION = "cloudformation"
    SCHEDULE = "get-schedule"
    COPILOT = "copilot"
    KUBERNETES = "kubernetes"
    HEROKU = "heroku-scheduler"
    CRONTAB = "crontab"
    SYSTEM_CRONTAB = "system-crontab"


IN_WORDS = {
    Kind.TERRAFORM: "a Terraform state or plan",
    Kind.ECSCHEDULE: "a configuration of ecschedule",
    Kind.CLOUDFORMATION: "a template of CloudFormation, SAM or the CDK",
    Kind.SCHEDULE: "answers of `aws scheduler get-schedule`",
    Kind.COPILOT: "a manifest of AWS Copilot",
    Kind.KUBERNETES: "CronJobs of Kubernetes",
    Kind.HEROKU: "jobs of Heroku Scheduler, from its dashboard",
    Kind.CRONTAB: "a user's crontab",
    Kind.SYSTEM_CRONTAB: "a system's crontab, with a user after each time",
}


@dataclass(frozen=True, slots=True)
class _Foreign:
    """A kind that can't be read as it is, but something can be made of it."""

    what: str
    shape: re.Pattern[str]
    remedy: str


_SHOW = "run `terraform show -json > state.json` and import state.json"
_DASHBOARD = "copy the jobs from the page that `heroku addons:open scheduler` opens into a text file, and import that"
_FOREIGN = (
    _Foreign(
        "Terraform's code or `terraform show` without -json",
        re.compile(
            r"^\s*(?:(?:resource|data)\s+\"[\w-]+\"\s+\"[\w-]+\"|(?:module|variable|provider)\s+\"[\w.-]+\")\s*\{", re.M
        ),
        _SHOW,
    ),
    _Foreign("Terraform's code", re.compile(r"^\s*(?:locals|terraform)\s*\{", re.M), _SHOW),
    _Foreign(
        "a schedule of the gem whenever",
        re.compile(r"^\s*every\b.*\bdo\s*(?:\|.*)?$|^\s*set\s+:\w+\s*,", re.M),
        "run `whenever > crontab.txt` and import crontab.txt",
    ),
    _Foreign(
        "a schedule of Celery beat",
        re.compile(r"beat_schedule|CELERY_?BEAT|from celery|\bcrontab\s*\(", re.I),
        "its tasks run in Celery's workers; write one job for each, with a command that runs it",
    ),
    _Foreign(
        "jsonnet",
        re.compile(r"^\s*local\s+\w+\s*=|\bstd\.\w+\(|^\s*\w+::?\s*\{", re.M),
        "run `jsonnet FILE > FILE.json` and import that",
    ),
    _Foreign(
        "code of the AWS CDK",
        re.compile(r"aws-cdk-lib|aws_cdk|@aws-cdk/|software\.amazon\.awscdk"),
        "run `cdk synth` and import cdk.out/<stack>.template.json",
    ),
    _Foreign(
        "a Procfile, which has no times",
        re.compile(r"^(?:web|release|worker|clock):[ \t]+\S", re.M),
        f"{_DASHBOARD}; a clock process becomes one job for each of its tasks",
    ),
    _Foreign(
        "an app.json, which has Heroku Scheduler but none of its jobs",
        re.compile(r"\"addons\"\s*:[^]]*\"scheduler\b"),
        _DASHBOARD,
    ),
)


def kind_of(text: str, name: str = "") -> Kind:
    """
    Args:
        name: the file's path, which decides between a user's crontab and a system's if the content doesn't.

    Raises:
        Permanent: none of these kinds; the message says what to do instead.
    """
    document = _document(text)
    if isinstance(document, list) and document and all(map(_is_schedule, document)):
        return Kind.SCHEDULE
    if isinstance(document, Mapping) and (kind := _of_document(document)):
        return kind
    several = manifests.documents(text)
    if any(map(manifests.is_copilot, several)):
        return Kind.COPILOT
    if any(map(manifests.is_cron_job, several)):
        return Kind.KUBERNETES
    if crontab.is_crontab(text):
        system = crontab.has_users(text) or {"cron.d", "etc"} & set(PurePath(name).parts[-2:-1])
        return Kind.SYSTEM_CRONTAB if system else Kind.CRONTAB
    if heroku.is_text(text):
        return Kind.HEROKU
    for each in _FOREIGN:
        if each.shape.search(text):
            raise Permanent(f"The file is {each.what}: {each.remedy}.")
    raise Permanent(
        f"The file is none of these: {'; '.join(IN_WORDS.values())}. To read it as one of these, use --kind."
    )


def _document(text: str) -> Any:
    """The file as JSON or YAML; None if it's neither."""
    try:
        return json.loads(text)
    except UNREADABLE:
        return ecschedule.document(text) or cloudformation.document(text)


def _of_document(document: Mapping[Any, Any]) -> Kind | None:
    if "planned_values" in document or isinstance(document.get("values"), Mapping):
        return Kind.TERRAFORM
    if isinstance(document.get("rules"), list):
        return Kind.ECSCHEDULE
    if heroku.is_document(document):
        return Kind.HEROKU
    if cloudformation.is_template(document):
        return Kind.CLOUDFORMATION
    if _is_schedule(document):
        return Kind.SCHEDULE
    if isinstance(document.get("Schedules"), list):
        remedy = "run `aws scheduler get-schedule` for each name and import that, or import the group with --group"
        raise Permanent(f"The file lists schedules without their targets: {remedy}.")
    if "terraform_version" in document:
        raise Permanent(f"The file is Terraform's own state: {_SHOW}.")
    return None


def _is_schedule(document: Any) -> bool:
    return isinstance(document, Mapping) and {"ScheduleExpression", "Target", "Name"} <= document.keys()
