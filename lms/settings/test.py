"""Settings for the tests: quick hashing, e-mail kept in memory, jobs run by the test itself."""

import tempfile
from pathlib import Path

from lms.settings.base import *
from lms.settings.base import DATABASES, IS_SQLITE, ROOT, STORAGES, env

_place = Path(tempfile.mkdtemp(prefix="tenfold-test-"))

DEBUG = False
SECRET_KEY = "only-for-tests-" + "x" * 40
DOWNLOADS_PER_HOUR = JOBS_PER_HOUR = JOBS_AT_ONCE = JOBS_AT_ONCE_ORGANISATION = 100_000
SECURITY_CONTACT = "mailto:security@example.test"
ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
MEDIA_ROOT = _place / "media"
BLOB_ROOT = _place / "blobs"
STATIC_ROOT = _place / "static"
STATIC_ROOT.mkdir()
STORAGES = STORAGES | {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
CELERY_BROKER_URL = "memory://"
CELERY_BROKER_TRANSPORT_OPTIONS = {}
CELERY_TASK_ALWAYS_EAGER = False
JOBS_ENQUEUE = False

_name = env.str("TENFOLD_TEST_DATABASE", default="")
if IS_SQLITE:
    DATABASES["default"]["TEST"] = {"NAME": _name or str(ROOT / "var" / "test.sqlite3")}
elif _name:
    DATABASES["default"]["TEST"] = {"NAME": _name}
