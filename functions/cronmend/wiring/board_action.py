"""Builds the use case of ``board_action``."""

import os
from collections.abc import Mapping

from cronmend.settings import Settings
from cronmend.use_cases.board_action import BoardAction
from cronmend.wiring.presses import presses
from cronmend.wiring.shared import Current

__all__ = ["Current", "use_case"]


def use_case(env: Mapping[str, str] = os.environ) -> BoardAction:
    return BoardAction(presses(Settings.from_env(env)))
