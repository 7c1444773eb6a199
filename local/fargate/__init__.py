"""The ECS that the emulator lacks: tasks that really run, with the life cycle and the events of ECS on Fargate."""
