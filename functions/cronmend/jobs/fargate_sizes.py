"""The task sizes of Fargate. Pure.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html#fargate-tasks-size
"""

from cronmend.model import Size

_GIB = 1024
SIZES = {
    256: (512, 1 * _GIB, 2 * _GIB),
    512: tuple(range(1 * _GIB, 4 * _GIB + 1, _GIB)),
    1024: tuple(range(2 * _GIB, 8 * _GIB + 1, _GIB)),
    2048: tuple(range(4 * _GIB, 16 * _GIB + 1, _GIB)),
    4096: tuple(range(8 * _GIB, 30 * _GIB + 1, _GIB)),
    8192: tuple(range(16 * _GIB, 60 * _GIB + 1, 4 * _GIB)),
    16384: tuple(range(32 * _GIB, 120 * _GIB + 1, 8 * _GIB)),
}
"""CPU units → the memory sizes in MiB that Fargate allows with them."""


def larger(size: Size, most: int) -> Size | None:
    """The next size with more memory, with the least CPU that allows it; None above ``most`` MiB or Fargate's maximum.

    None as well for a size that Fargate doesn't have: its task runs elsewhere.
    """
    if size.memory not in SIZES.get(size.cpu, ()):
        return None
    bigger = (Size(cpu, memory) for cpu, all_of in SIZES.items() if cpu >= size.cpu for memory in all_of)
    return next((each for each in bigger if size.memory < each.memory <= most), None)
