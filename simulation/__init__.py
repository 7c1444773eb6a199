"""Histories of a simulated account in which everything breaks, and a checker of what people may rely on."""
