"""Facts about pipelines, migrations, revisions and services → one DeployWindow. Pure.

Each kind of signal has a module: :mod:`announced` (pipelines, migration tasks), :mod:`revision`, :mod:`service` and
:mod:`first_run`. :mod:`window` decides among them.
"""

from cronmend.deploys.facts import Bounds, DeployFacts, Deployment, Pushes, Run, Service
from cronmend.deploys.image import Image, of_same_repository, repository
from cronmend.deploys.note import ANY_FAMILY, DeployNote, EarlierDeploy, Phase, merged
from cronmend.deploys.release import Pause, Progress, Release
from cronmend.deploys.window import started_during, window

__all__ = [
    "ANY_FAMILY",
    "Bounds",
    "DeployFacts",
    "DeployNote",
    "Deployment",
    "EarlierDeploy",
    "Image",
    "Pause",
    "Phase",
    "Progress",
    "Pushes",
    "Release",
    "Run",
    "Service",
    "merged",
    "of_same_repository",
    "repository",
    "started_during",
    "window",
]
