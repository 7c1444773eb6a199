"""References of images in ECR. Pure."""

import re
from typing import Final

ECR_REFERENCE: Final = re.compile(
    r"(?P<account>\d{12})\.dkr[.-]ecr(-fips)?\.(?P<region>[a-z0-9-]+)\.[a-z0-9.-]+/"
    r"(?P<repository>[^:@]+)(:(?P<tag>[^@]+))?(@(?P<digest>.+))?"
)
"""The domain is the partition's. https://docs.aws.amazon.com/AmazonECR/latest/userguide/Registries.html"""
