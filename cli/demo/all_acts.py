"""All acts of the demo, in order."""

from cli.demo.acts import Act, ActResult
from cli.demo.acts_deploys import DeployActs
from cli.demo.acts_healing import HealingActs
from cli.demo.acts_unreported import UnreportedActs
from cronmend.model import Mode


class AllActs(HealingActs, DeployActs, UnreportedActs):
    """Some acts run while others wait: for a re-run, a slot, or a mode to take effect."""

    def acts(self) -> tuple[Act, ...]:
        return (
            ("A run that succeeds", self._healthy),
            ("A deploy in progress", self._fails_during_deploy),
            ("A job that runs often", self._defers_to_slot),
            ("The deploy ends", self._heals),
            ("A real bug, no deploy", self._real_bug),
            ("A task that never starts", self._never_started),
            ("A migration that fails", self._migration_fails),
            ("The deploy is half done", self._stays_unfinished),
            ("No capacity at AWS", self._no_capacity),
            ("A rollback", self._rolled_back),
            ("A marker from the pipeline", self._pipeline_marker),
            ("A migration in ECS", self._migrated),
            ("Policy never", self._never_rerun),
            ("Too little memory", self._more_memory),
            ("The circuit breaker", self._circuit_opens),
            ("A held schedule", self._schedule_released),
            ("A deregistered revision", self._deregistered_in_shadow),
            ("A run that hangs", self._hangs),
            ("A job disabled by hand", self._disabled_by_hand),
            ("A bug in the job", self._plain_bug),
            ("The same events again", self._events_again),
            ("Another team deploys", self._other_team),
            ("Shadow mode", self._shadow),
        )

    def _deregistered_in_shadow(self) -> ActResult:
        """Set shadow mode here: it takes effect during acts without a re-run, which are the same in every mode."""
        self._set_mode(Mode.SHADOW)
        return self._deregistered()
