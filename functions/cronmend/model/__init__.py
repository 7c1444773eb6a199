"""The data types of Cronmend: evidence, diagnoses, plans, incidents. Standard library only.

All times are aware datetimes in UTC. Every type is immutable. Evidence that could not be collected is a
:class:`Missing` with its reason, never ``None`` and never a default.
"""

from cronmend.model.categories import (
    CatchUp,
    Category,
    Follow,
    Mode,
    OnOverdue,
    Policy,
    Proof,
    ScheduleState,
    Signal,
    WindowState,
)
from cronmend.model.conclusions import (
    MAY_EXPLAIN,
    Action,
    Alert,
    DeployWindow,
    Diagnosis,
    Evidence,
    FatalError,
    History,
    HoldAlert,
    Nothing,
    Plan,
    Rerun,
    full_sentence,
)
from cronmend.model.runs import (
    Container,
    ContainerOverride,
    Creation,
    LiveTask,
    Log,
    LogPlace,
    Missing,
    Size,
    StoppedTask,
    TaskDefinitionRef,
)
from cronmend.model.schedules import Identity, LiveSchedule
from cronmend.model.unreported_runs import FailedTask, UnreportedRun

__all__ = [
    "MAY_EXPLAIN",
    "Action",
    "Alert",
    "CatchUp",
    "Category",
    "Container",
    "ContainerOverride",
    "Creation",
    "DeployWindow",
    "Diagnosis",
    "Evidence",
    "FailedTask",
    "FatalError",
    "Follow",
    "History",
    "HoldAlert",
    "Identity",
    "LiveSchedule",
    "LiveTask",
    "Log",
    "LogPlace",
    "Missing",
    "Mode",
    "Nothing",
    "OnOverdue",
    "Plan",
    "Policy",
    "Proof",
    "Rerun",
    "ScheduleState",
    "Signal",
    "Size",
    "StoppedTask",
    "TaskDefinitionRef",
    "UnreportedRun",
    "WindowState",
    "full_sentence",
]
