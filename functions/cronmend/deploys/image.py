"""Images of jobs and services: whose code is the same, and how people read them. Pure."""

from collections.abc import Sequence

from msgspec import Struct

from cronmend.wording import short_digest


class Image(Struct, frozen=True):
    """An image as a container uses it."""

    container: str = ""
    reference: str = ""
    """As the task definition names it; ``""`` if that isn't known."""
    digest: str = ""
    """``""`` if it isn't known, such as before the image is pulled."""

    @property
    def words(self) -> str:
        """``site:42`` or, if the digest is known, ``site:42 (7f5b2640fe6f)``."""
        name = self.reference.partition("@")[0].rpartition("/")[2]
        return f"{name} ({short_digest(self.digest)})" if self.digest else name


def repository(image: str) -> str:
    """An image's name without tag and digest, equal for a service, a migration task and a job of one site."""
    name = image.split("@", 1)[0]
    head, slash, last = name.rpartition("/")
    return f"{head}{slash}{last.split(':', 1)[0]}"


def of_same_repository(images: Sequence[Image], reference: str) -> Image | None:
    """The service's image that the job's is a version of; None if there is none."""
    return next((each for each in images if repository(each.reference) == repository(reference)), None)


def same_code(one: Image, other: Image) -> bool | None:
    """By digest or, if one isn't known, by tag; None if a tag may mean two images."""
    if one.digest and other.digest:
        return one.digest == other.digest
    return False if one.reference != other.reference else None
