"""No test may reach a real account: credentials are dummies, and what the shell has set is gone."""

import os
from collections.abc import Iterator

import pytest

for name in [name for name in os.environ if name.startswith("AWS_")]:
    del os.environ[name]
os.environ |= {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_DEFAULT_REGION": "eu-west-2",
    "AWS_EC2_METADATA_DISABLED": "true",
    "POWERTOOLS_SERVICE_NAME": "cronmend",
    "POWERTOOLS_METRICS_NAMESPACE": "Cronmend",
}


@pytest.fixture
def aws() -> Iterator[None]:
    """AWS as moto plays it, in this process."""
    from moto import mock_aws  # noqa: PLC0415 # half a second that most tests need not pay

    with mock_aws():
        yield
