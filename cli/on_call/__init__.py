"""The commands for the person on call, against a deployed stack."""
