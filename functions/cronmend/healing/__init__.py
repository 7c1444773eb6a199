"""Diagnosis → plan, and how an incident changes when a run ends or a timer fires."""
