"""PostgreSQL, Redis, several processes behind a proxy that speaks TLS. Refuses to start half-configured."""

from django.core.exceptions import ImproperlyConfigured

from lms.settings.base import *
from lms.settings.base import BASE_URL, IS_SQLITE, REDIS_URL, env

DEBUG = False
SECRET_KEY = env.str("SECRET_KEY", default="")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[BASE_URL])

if len(SECRET_KEY) < 50:
    raise ImproperlyConfigured("Set SECRET_KEY to at least 50 random characters.")
if not ALLOWED_HOSTS or "*" in ALLOWED_HOSTS:
    raise ImproperlyConfigured("Set ALLOWED_HOSTS to the host names people use, for example training.example.org.")
if IS_SQLITE:
    raise ImproperlyConfigured("Set DATABASE_URL to a PostgreSQL database, or use the embedded settings.")
if not REDIS_URL:
    raise ImproperlyConfigured("Set REDIS_URL to a Redis server, or use the embedded settings.")
if not BASE_URL.startswith("https://"):
    raise ImproperlyConfigured("Set BASE_URL to the https:// address people use.")

SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=True)
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_HSTS_SECONDS = 365 * 24 * 3600
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXIES", default=1)
SESSION_COOKIE_SECURE = True
SESSION_COOKIE_NAME = "__Host-sessionid"
CSRF_COOKIE_SECURE = True
CSRF_COOKIE_NAME = "__Host-csrftoken"
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
