"""Implement the ports with AWS and Slack, one class for each. Only here are AWS errors translated into Cronmend's.

Each class declares the ``permissions`` it needs; a test compares them with the template.
"""
