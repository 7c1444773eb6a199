"""AWS and Slack behind the ports: one class each. AWS errors become ours here and nowhere else.

Each class declares the ``permissions`` it needs; a test compares them with the template.
"""
