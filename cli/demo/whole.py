"""The whole story, in its order."""

from cli.demo.acts_deploys import DeployActs
from cli.demo.acts_healing import HealingActs
from cli.demo.story import Act, Told
from cronmend.model import Mode


class WholeStory(HealingActs, DeployActs):
    """Acts play in what others wait for: a half-done deploy that grows too old, a mode that takes hold, a re-run."""

    def acts(self) -> tuple[Act, ...]:
        return (
            ("A healthy hour", self._healthy),
            ("A deploy, half way", self._runs_into_a_deploy),
            ("A job that comes often", self._leaves_it_to_the_slot),
            ("The deploy is finished", self._heals),
            ("A week later, no deploy", self._real_bug),
            ("A migration that fails", self._half_done),
            ("Never to be repeated", self._never_again),
            ("A task that never starts", self._never_started),
            ("Too little memory", self._more_memory),
            ("No room at AWS", self._no_room),
            ("Nobody finishes the deploy", self._nobody_finishes_it),
            ("A rollback", self._rolled_back),
            ("The pipeline says so", self._marked),
            ("A migration in ECS", self._migrated),
            ("Too much is run again", self._too_much),
            ("A schedule stood still", lambda: self._released(self._gets_its_memory)),
            ("A plain bug", self._plain_bug_in_shadow),
            ("The same events again", self._twice),
            ("Shadow mode", self._fails_in_shadow),
            ("Another team deploys", self._foreign),
            ("Nothing was run", self._shadow),
        )

    def _plain_bug_in_shadow(self) -> Told:
        """Shadow mode begins here, and takes hold in acts that need no healing: those are the same in every mode."""
        self._switch(Mode.SHADOW)
        return self._plain_bug()
