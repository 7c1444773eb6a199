"""Roles, secrets, parameters, certificates and images, as AWS describes them. No call returns the value of a secret.

A client is made by its first call: without a need of its kind, none is.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from datetime import datetime
from itertools import batched
from typing import Any

from msgspec import Struct, field

from cronmend.adapters.aws import CONFIG, session
from cronmend.adapters.reads import read
from cronmend.adapters.registry import EcrImages
from cronmend.errors import Permanent, refusing
from cronmend.model import Missing
from cronmend.model.needs import GONE, Described, Need, NeedKind

type Client = Any
"""A client of boto3: these services are called once each, so their types aren't installed."""
type Answers = Mapping[str, Described | Missing]
"""By name."""

_NAMES = 25
"""Half of the most that a filter of DescribeParameters accepts: a name without a slash is asked for with one, too."""


def _client(service: str) -> Client:
    return session().client(service, config=CONFIG)  # type: ignore[call-overload] # any service


def _one_by_one(names: Iterable[str], service: str, ask: Callable[[str], Described]) -> Answers:
    return {name: read(f"describe {name}", lambda name=name: ask(name), service, GONE) for name in names}  # type: ignore[misc] # bound at once


class IamRoles:
    permissions = ("iam:GetRole",)

    def described(self, names: Sequence[str]) -> Answers:
        return _one_by_one(names, "iam", _role)


def _role(name: str) -> Described:
    return Described(trust=_client("iam").get_role(RoleName=name)["Role"]["AssumeRolePolicyDocument"])


class SecretsManagerSecrets:
    permissions = ("secretsmanager:DescribeSecret",)

    def described(self, names: Sequence[str]) -> Answers:
        return _one_by_one(names, "secretsmanager", _secret)


def _secret(arn: str) -> Described:
    return Described(is_deleted="DeletedDate" in _client("secretsmanager").describe_secret(SecretId=arn))


class AcmCertificates:
    permissions = ("acm:DescribeCertificate",)

    def described(self, names: Sequence[str]) -> Answers:
        return _one_by_one(names, "acm", _certificate)


def _certificate(arn: str) -> Described:
    """One that isn't issued yet has no end."""
    raw = _client("acm").describe_certificate(CertificateArn=arn)["Certificate"]
    return Described(set_at=raw.get("NotBefore"), ends_at=raw.get("NotAfter"))


class SsmParameters:
    permissions = ("ssm:DescribeParameters",)

    def described(self, names: Sequence[str]) -> Answers:
        found: dict[str, Described | Missing] = {}
        for some in batched(names, _NAMES, strict=False):
            answer = read(f"describe the parameters {some[0]} …", lambda some=some: dict(_parameters(some)), "ssm")  # type: ignore[misc] # bound at once
            found |= dict.fromkeys(some, answer) if isinstance(answer, Missing) else _of_all(some, answer)
        return found


def _parameters(names: Sequence[str]) -> Iterator[tuple[str, Described]]:
    """The ARNs of ``name`` and ``/name`` are the same."""
    rooted = [f"/{name}" for name in names if "/" not in name]
    wanted = [{"Key": "Name", "Option": "Equals", "Values": [*names, *rooted]}]
    pages = _client("ssm").get_paginator("describe_parameters").paginate(ParameterFilters=wanted)
    for page in pages:
        for raw in page["Parameters"]:
            yield raw["Name"], Described(set_at=raw["LastModifiedDate"], ends_at=_expires_at(raw))


def _of_all(names: Sequence[str], found: Mapping[str, Described]) -> Answers:
    return {name: found.get(name) or found.get(f"/{name}", GONE) for name in names}


def _expires_at(raw: Mapping[str, Any]) -> datetime | None:
    """Of its policy, the time after which Systems Manager deletes it."""
    policies = [each["PolicyText"] for each in raw.get("Policies", ()) if each["PolicyType"] == "Expiration"]
    with refusing(lambda error: Permanent(f"the parameter {raw['Name']} has an expiration in a wrong form: {error}")):
        times = [json.loads(each)["Attributes"]["Timestamp"] for each in policies]
        return min(map(datetime.fromisoformat, times), default=None)


type _Reader = IamRoles | SecretsManagerSecrets | SsmParameters | AcmCertificates | EcrImages

_READERS: Mapping[NeedKind, _Reader] = {
    NeedKind.ROLE: IamRoles(),
    NeedKind.SECRET: SecretsManagerSecrets(),
    NeedKind.PARAMETER: SsmParameters(),
    NeedKind.CERTIFICATE: AcmCertificates(),
    NeedKind.IMAGE: EcrImages(),
}


class AwsNeeds(Struct, frozen=True):
    kinds: Set[NeedKind] = field(default_factory=lambda: frozenset(NeedKind))

    @property
    def permissions(self) -> Sequence[str]:
        return [action for kind in self.kinds for action in _READERS[kind].permissions]

    def described(self, needs: Sequence[Need]) -> Mapping[Need, Described | Missing]:
        found: dict[Need, Described | Missing] = {}
        for kind in self.kinds:
            names = [each.name for each in needs if each.kind is kind]
            answers = _READERS[kind].described(names) if names else {}
            found |= {Need(kind, name): answer for name, answer in answers.items()}
        return found
