"""A team's own rules and fixtures: where they are, and what is wrong with them.

A fixture is a labeled sample of a failure that was diagnosed wrongly. It holds a rule to its purpose.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from cli.deploying.places import DIRECTORY
from cli.diagnosis.labeled import answers_in
from cli.diagnosis.samples import BadSample
from cronmend.diagnosis.rule_files import OWN, PACK, SHIPPED, BadRules, load, pack, read, wrong_examples
from cronmend.diagnosis.ruleset import Rules
from local.root import ROOT

FOLDER: Final = DIRECTORY / "rules"
RULES, FIXTURES = ".toml", ".jsonl"


@dataclass(frozen=True, slots=True)
class OwnFiles:
    """The files of a team, in the order in which their rules are tried."""

    rules: tuple[Path, ...] = ()
    fixtures: tuple[Path, ...] = ()

    @classmethod
    def of(cls, paths: Iterable[Path]) -> Self:
        """Of a folder, its rules and fixtures; any other file than one of fixtures counts as one of rules."""
        files = [file for path in paths for file in _expanded(path)]
        fixtures = tuple(file for file in files if file.suffix == FIXTURES)
        return cls(tuple(file for file in files if file not in fixtures), fixtures)

    def mistakes(self) -> list[str]:
        """What is wrong, a line each: rows, their examples, and the fixtures that are diagnosed wrongly."""
        try:
            wrong = wrong_examples(read(self.rules))
            rules = load(*(file for file in self.rules if file.parent != SHIPPED))
        except BadRules as error:
            return [*str(error).splitlines(), *self._of_fixtures(None)]
        return [*wrong, *self._of_fixtures(rules)]

    def _of_fixtures(self, rules: Rules | None) -> Iterator[str]:
        """Without rules, only what can't be read: until they are corrected, an answer means nothing."""
        for file in self.fixtures:
            try:
                answers = answers_in([file], rules)
            except BadSample as error:
                yield str(error)
                continue
            misses = (each for each in answers if not (each.contested or each.is_right))
            yield from (f"{file}: {each.miss}" for each in misses if rules)


def _expanded(path: Path) -> Sequence[Path]:
    if not path.is_dir():
        return [path]
    return sorted(file for file in path.iterdir() if file.suffix in {RULES, FIXTURES})


def packaged(own: OwnFiles) -> Mapping[Path, str]:
    """The files of the functions that hold the rules of a team, as path below the project's root → content."""
    if not own.rules:
        return {}
    copies = {OWN / file.name: file.read_text(encoding="utf-8") for file in own.rules}
    return {path.relative_to(ROOT): text for path, text in {**copies, PACK: pack(own.rules)}.items()}
