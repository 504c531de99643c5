"""One machine, one command: SQLite, local files, a filesystem broker. The default.

With ``DATABASE_URL`` and ``REDIS_URL`` set the same form uses PostgreSQL and Redis.
"""

import secrets

from lms.settings.base import *
from lms.settings.base import DATA_DIR, env


def _kept_secret() -> str:
    """The installation's own key, made once and kept beside its database."""
    DATA_DIR.mkdir(parents=True, exist_ok=True)
    file = DATA_DIR / "secret_key"
    try:
        with file.open("x", encoding="ascii") as new:
            file.chmod(0o600)
            new.write(secrets.token_urlsafe(50))
    except FileExistsError:
        pass
    return file.read_text(encoding="ascii")


DEBUG = False
SECRET_KEY = env.str("SECRET_KEY", default="") or _kept_secret()
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
