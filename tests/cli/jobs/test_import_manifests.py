"""Copilot's scheduled jobs and Kubernetes' CronJobs: what ECS has too is carried, the rest is named."""

import pytest

from cli.jobs.importers.imported import from_file
from cli.jobs.importers.kinds import Kind, kind_of
from cronmend.errors import Permanent
from tests.cli.jobs.samples import parsed

COPILOT = """
name: report
type: Scheduled Job
on:
  schedule: "0 7 * * 1-5"
image:
  build: ./Dockerfile
command: python manage.py report --to "all staff"
cpu: 256
memory: 512
retries: 3
timeout: 1h
variables:
  LOG_LEVEL: info
  HOST: {from_cfn: stack-Host}
secrets:
  PASSWORD: /db/password
"""
CRON_JOB = """
apiVersion: v1
kind: ConfigMap
metadata: {name: other}
---
apiVersion: batch/v1
kind: CronJob
metadata: {name: cleanup}
spec:
  schedule: "*/15 * * * *"
  timeZone: Europe/London
  concurrencyPolicy: Forbid
  suspend: true
  jobTemplate:
    spec:
      backoffLimit: 2
      template:
        spec:
          restartPolicy: Never
          serviceAccountName: cleaner
          containers:
            - name: web
              image: web:1
              command: [python, clean.py]
              args: ["--all"]
              env:
                - {name: MODE, value: fast}
                - {name: KEY, valueFrom: {secretKeyRef: {name: k, key: v}}}
              resources: {limits: {cpu: 1}}
            - {name: sidecar}
"""


def test_a_manifest_of_copilot() -> None:
    assert kind_of(COPILOT) is Kind.COPILOT
    imported = from_file(COPILOT, Kind.COPILOT)
    assert parsed(imported.text)["jobs"]["report"] == {
        "schedule": "cron(0 7 ? * MON-FRI *)",
        "command": ["python", "manage.py", "report", "--to", "all staff"],
        "container": "report",
        "environment": {"LOG_LEVEL": "info"},
        "cpu": 256,
        "memory": 512,
        "max_runtime": "1h",
    }
    notes = "\n".join(imported.notes)
    for what in ("retries of", "secrets of", "variable HOST", "<application>-<environment>-report"):
        assert what in notes


def test_a_cron_job_of_kubernetes_among_other_documents() -> None:
    assert kind_of(CRON_JOB) is Kind.KUBERNETES
    imported = from_file(CRON_JOB, Kind.KUBERNETES)
    assert parsed(imported.text)["jobs"] == {
        "cleanup": {
            "schedule": "cron(*/15 * * * ? *)",
            "timezone": "Europe/London",
            "command": ["python", "clean.py", "--all"],
            "container": "web",
            "environment": {"MODE": "fast"},
            "enabled": False,
        }
    }
    notes = "\n".join(imported.notes)
    for what in ("concurrencyPolicy", "backoffLimit", "serviceAccountName", "resources", "sidecar", "variable KEY"):
        assert what in notes


@pytest.mark.parametrize("schedule", ["@reboot", "0 9 1 * 1", ""])
def test_a_schedule_that_aws_cannot_express_is_noted(schedule: str) -> None:
    imported = from_file(COPILOT.replace("0 7 * * 1-5", schedule), Kind.COPILOT)
    assert f"the schedule {schedule!r} isn't converted" in "\n".join(imported.notes)


@pytest.mark.parametrize("kind", [Kind.COPILOT, Kind.KUBERNETES])
def test_they_have_nothing_to_watch(kind: Kind) -> None:
    with pytest.raises(Permanent, match="without --watch"):
        from_file(COPILOT, kind, watch=True)
