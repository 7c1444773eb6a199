"""Cronmend for apps of the AWS CDK."""

from cronmend_cdk.construct import Cronmend
from cronmend_cdk.parameters import OutputName, Parameters

__all__ = ["Cronmend", "OutputName", "Parameters"]
