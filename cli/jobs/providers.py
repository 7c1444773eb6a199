"""The kind of value that a capacity provider strategy is."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cli.toml_files.kinds import Count, Problem, Schema, Text, shown

_PROVIDER_LIMITS = {"base": 100_000, "weight": 1000}


@dataclass(frozen=True, slots=True)
class Providers:
    """A capacity provider strategy."""

    def problems(self, value: Any) -> Iterator[Problem]:
        example = 'write [{ provider = "FARGATE_SPOT", weight = 1 }]'
        if not isinstance(value, list) or not 1 <= len(value) <= 6:
            yield f"{shown(value)} is not a list of 1 to 6 capacity providers", example
            return
        for item in value:
            if not isinstance(item, Mapping) or not isinstance(item.get("provider"), str):
                yield f"{shown(item)} has no key provider", example
                continue
            for name in item.keys() - {"provider", *_PROVIDER_LIMITS}:
                yield f"{name!r} is not a key of a capacity provider", "use only provider, weight and base"
            for name in item.keys() & _PROVIDER_LIMITS.keys():
                for problem, remedy in Count(0, _PROVIDER_LIMITS[name]).problems(item[name]):
                    yield f"{name}: {problem}", remedy
        if sum(1 for item in value if isinstance(item, Mapping) and item.get("base")) > 1:
            yield "more than one provider has a base", "set base for one of them only"
        yield from _unusable([item for item in value if isinstance(item, Mapping)])

    def schema(self) -> Schema:
        numbers = {name: Count(0, high).schema() for name, high in sorted(_PROVIDER_LIMITS.items())}
        item = {
            "type": "object",
            "properties": {"provider": Text(high=255).schema(), **numbers},
            "required": ["provider"],
            "additionalProperties": False,
        }
        return {"type": "array", "items": item, "minItems": 1, "maxItems": 6}


def _unusable(strategy: Sequence[Mapping[str, Any]]) -> Iterator[Problem]:
    """https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CapacityProviderStrategyItem.html"""
    names = [str(item.get("provider")) for item in strategy]
    if 0 < sum(name in ("FARGATE", "FARGATE_SPOT") for name in names) < len(names):
        yield (
            "AWS accepts either Fargate's providers or those of Auto Scaling groups, not both",
            "keep one of the kinds",
        )
    weights = [item.get("weight", 0) for item in strategy]
    if not any(weights) and (len(strategy) > 1 or "weight" in strategy[0]):
        yield "no provider has a weight above 0, so AWS starts no task", "write weight = 1 for one of them"
