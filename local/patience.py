"""How long something may take on this machine before it counts as hung: no limit is one of speed."""

PATIENCE = 600.0
"""Seconds: hundreds of times what each step takes on a machine at rest."""
