"""`terraform show -json`, of a state or of a plan: its resources, what a plan doesn't know, and what refers to what.

https://developer.hashicorp.com/terraform/internals/json-format
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from cronmend.errors import Permanent

type Values = Mapping[str, Any]

WRITTEN = "Write it with `terraform show -json [PLAN] > FILE`."
_REFERENCE = re.compile(r"(?P<type>\w+)\.(?P<name>[\w-]+)(?:\[(?P<key>\"[^\"]*\"|\d+)\])?(?:\..*)?")
_OUTPUT = re.compile(r"module\.(?P<module>[\w-]+)(?:\[(?P<key>\"[^\"]*\"|\d+)\])?\.(?P<output>[\w-]+).*")
_STEP = re.compile(r"module\.(?P<name>[\w-]+)(?P<key>\[[^\]]*\])?\.?")
_DEEPEST = 16
"""How many modules and outputs a reference is followed through."""


@dataclass(frozen=True, slots=True)
class Resource:
    address: str
    type: str
    name: str
    key: Any
    """Its key of for_each or its number of count; None if it has neither."""
    module: str
    """Address of its module; ``""`` for the root."""
    values: Values

    def first(self, *blocks: str) -> Values:
        """A block that may occur once, which Terraform stores as a list of one."""
        values = self.values
        for block in blocks:
            values = first(values, block)
        return values


def first(values: Values, block: str) -> Values:
    blocks = values.get(block) or [{}]
    return blocks[0] or {}


@dataclass(frozen=True, slots=True)
class Document:
    resources: tuple[Resource, ...]
    unknown: Mapping[str, Any] = field(default_factory=dict)
    """By address, the attributes that are known only after the plan is applied; empty for a state."""
    root: Values = field(default_factory=dict)
    """The configuration of the root module; empty for a state."""

    def of_type(self, kind: str) -> Iterator[Resource]:
        return (each for each in self.resources if each.type == kind)

    def unknown_of(self, resource: Resource) -> frozenset[str]:
        """Paths of the resource's unknown attributes, such as ``target.ecs_parameters.task_definition_arn``."""
        return frozenset(_paths(self.unknown.get(resource.address) or {}))

    def referred(self, resource: Resource, path: str, kind: str) -> Resource | None:
        """The one resource of a type that an attribute refers to; None if there is none, or if that isn't certain."""
        module = self._module(resource.module)
        configured = _resource(module, resource)
        expression = _expression(configured.get("expressions") or {}, path.split("."))
        references, key = list(expression.get("references") or []), resource.key
        if any(each.startswith("each.value") for each in references):
            if any(each.startswith(f"{kind}.") for each in references):
                key = None  # The value chooses the instance, and a plan doesn't say what it is.
            else:
                references = list((configured.get("for_each_expression") or {}).get("references") or [])
        found = {each.address: each for each in self._resolved(resource.module, key, references, kind, 0)}
        return next(iter(found.values())) if len(found) == 1 else None

    def _resolved(self, module: str, key: Any, references: list[str], kind: str, depth: int) -> Iterator[Resource]:
        if depth > _DEEPEST:
            return
        for reference in references:
            if reference.startswith("var."):
                yield from self._argument(module, reference.split(".")[1], kind, depth)
            elif output := _OUTPUT.fullmatch(reference):
                yield from self._output(module, key, output, kind, depth)
            elif (match := _REFERENCE.fullmatch(reference)) and match["type"] == kind:
                yield from self._instances(module, key, match)

    def _instances(self, module: str, key: Any, match: re.Match[str]) -> Iterator[Resource]:
        """A reference without a key is to the only instance, or to the one with the key of what refers to it."""
        same = [each for each in self.of_type(match["type"]) if (each.module, each.name) == (module, match["name"])]
        if match["key"]:
            same = [each for each in same if str(each.key) == match["key"].strip('"')]
        elif len(same) > 1 and key is not None:
            same = [each for each in same if each.key == key] or same
        yield from same

    def _argument(self, module: str, name: str, kind: str, depth: int) -> Iterator[Resource]:
        """What the caller of a module passes as a variable."""
        outer, call, key = _parted(module)
        called = (self._module(outer).get("module_calls") or {}).get(call) or {}
        references = _expression(called.get("expressions") or {}, [name]).get("references") or []
        yield from self._resolved(outer, key, references, kind, depth + 1)

    def _output(self, module: str, key: Any, match: re.Match[str], kind: str, depth: int) -> Iterator[Resource]:
        called = (self._module(module).get("module_calls") or {}).get(match["module"]) or {}
        outputs = (called.get("module") or {}).get("outputs") or {}
        references = _expression(outputs, [match["output"], "expression"]).get("references") or []
        plain = f"{module}.module.{match['module']}".lstrip(".")
        keys = (match["key"], f'"{key}"' if isinstance(key, str) else key, None)
        inner = [plain if each is None else f"{plain}[{each}]" for each in keys]
        there = {each.module for each in self.resources}
        for address in [each for each in inner if any(each == one or one.startswith(f"{each}.") for one in there)][:1]:
            yield from self._resolved(address, None, references, kind, depth + 1)

    def _module(self, address: str) -> Values:
        module = self.root
        for step in _STEP.finditer(address):
            module = ((module.get("module_calls") or {}).get(step["name"]) or {}).get("module") or {}
        return module


def read(document: Any) -> Document:
    """
    Raises:
        Permanent: not a state or a plan.
    """
    state = isinstance(document, Mapping) and (document.get("planned_values") or document.get("values"))
    if not isinstance(state, Mapping) or "root_module" not in state:
        raise Permanent(f"The file is not a Terraform state or plan. {WRITTEN}")
    unknown = {
        each["address"]: (each.get("change") or {}).get("after_unknown")
        for each in document.get("resource_changes") or []
    }
    root = (document.get("configuration") or {}).get("root_module") or {}
    return Document(tuple(_resources(state["root_module"], "")), unknown, root)


def _resources(module: Values, address: str) -> Iterator[Resource]:
    for each in module.get("resources") or []:
        if each.get("mode", "managed") == "managed":
            kind, name = str(each.get("type")), str(each.get("name", "this"))
            where = str(each.get("address", f"{kind}.{name}"))
            yield Resource(where, kind, name, each.get("index"), address, each.get("values") or {})
    for child in module.get("child_modules") or []:
        yield from _resources(child, str(child.get("address", "")))


def _paths(unknown: Any, path: str = "") -> Iterator[str]:
    if unknown is True:
        yield path
    elif isinstance(unknown, Mapping):
        for key, value in unknown.items():
            yield from _paths(value, f"{path}.{key}".lstrip("."))
    elif isinstance(unknown, list):
        for value in unknown:
            yield from _paths(value, path)


def _resource(module: Values, resource: Resource) -> Values:
    """The resource's configuration, which all its instances share."""
    same = (
        each
        for each in module.get("resources") or []
        if (each.get("type"), each.get("name")) == (resource.type, resource.name)
    )
    return next(same, {})


def _expression(expressions: Any, path: list[str]) -> Values:
    for step in path:
        expressions = expressions[0] if isinstance(expressions, list) and expressions else expressions
        expressions = expressions.get(step) if isinstance(expressions, Mapping) else None
    return expressions if isinstance(expressions, Mapping) else {}


def _parted(module: str) -> tuple[str, str, Any]:
    """``module.a.module.b["x"]`` → ``module.a``, ``b`` and ``x``."""
    steps = list(_STEP.finditer(module))
    if not steps:
        return "", "", None
    key = steps[-1]["key"]
    value = None if key is None else key[1:-1]
    typed = value.strip('"') if value and value.startswith('"') else int(value) if value else None
    return module[: steps[-1].start()].rstrip("."), steps[-1]["name"], typed
