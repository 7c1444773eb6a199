"""The parts of ECS that the emulator lacks: tasks that really run, with Fargate's life cycle and events."""
