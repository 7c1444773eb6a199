"""Answers for agents: the questions of the on-call commands, over the Model Context Protocol."""
