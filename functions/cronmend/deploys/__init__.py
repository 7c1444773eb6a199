"""Is a deploy window open? Facts about pipelines, migrations, revisions and services → one DeployWindow. Pure.

A signal, a module: :mod:`noted` (pipelines, migration tasks), :mod:`revision`, :mod:`service`, :mod:`first_run`.
:mod:`window` weighs them.
"""

from cronmend.deploys.facts import Bounds, DeployFacts, Deployment, Release, Run, Service
from cronmend.deploys.note import ANY_FAMILY, DeployNote, Phase, merged, repository
from cronmend.deploys.window import began_during, window

__all__ = [
    "ANY_FAMILY",
    "Bounds",
    "DeployFacts",
    "DeployNote",
    "Deployment",
    "Phase",
    "Release",
    "Run",
    "Service",
    "began_during",
    "merged",
    "repository",
    "window",
]
