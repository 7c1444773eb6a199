"""The site's settings, with only the apps that its scheduled jobs need, so that they start fast."""

from config.database import from_environment

SECRET_KEY = "only-for-this-machine"  # noqa: S105 - nothing is signed with it
DEBUG = False
USE_TZ = True
TIME_ZONE = "Europe/London"

INSTALLED_APPS = [
    "home",
    "wagtail.search",
    "wagtail",
    "modelcluster",
    "taggit",
    "django.contrib.auth",
    "django.contrib.contenttypes",
]
MIDDLEWARE: list[str] = []
ROOT_URLCONF = "config.urls"
STATIC_URL = "/static/"
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}]
DATABASES = {"default": from_environment()}
if DATABASES["default"]["ENGINE"].endswith("postgresql"):
    # Wagtail's search index uses a type from this app, which needs PostgreSQL's driver.
    INSTALLED_APPS.append("django.contrib.postgres")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

WAGTAIL_SITE_NAME = "Town hall"
WAGTAILSEARCH_BACKENDS = {"default": {"BACKEND": "wagtail.search.backends.database"}}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {"django_tasks": {"level": "WARNING"}},
}
