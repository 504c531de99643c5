"""PostgreSQL, Redis, several processes behind a proxy that speaks TLS. Refuses to start half-configured."""

from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from lms.settings.base import *
from lms.settings.base import BASE_URL, DATABASES, IS_SQLITE, LOGGING, REDIS_URL, SCANNER, env

DEBUG = False
TAKES_DEMONSTRATION = False
SECRET_KEY = env.str("SECRET_KEY", default="")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[BASE_URL])

_KNOWN_TO_EVERYBODY = {"admin", "changeme", "password", "postgres", "redis", "root", "secret", "tenfold"}
"""Passwords that software comes with."""

if len(SECRET_KEY) < 50:
    raise ImproperlyConfigured("Set SECRET_KEY to at least 50 random characters.")
if not ALLOWED_HOSTS or "*" in ALLOWED_HOSTS:
    raise ImproperlyConfigured("Set ALLOWED_HOSTS to the host names people use, for example training.example.org.")
if IS_SQLITE:
    raise ImproperlyConfigured("Set DATABASE_URL to a PostgreSQL database, or use the embedded settings.")
if not REDIS_URL:
    raise ImproperlyConfigured("Set REDIS_URL to a Redis server, or use the embedded settings.")
if not REDIS_URL.startswith("unix:") and not urlsplit(REDIS_URL).password:
    raise ImproperlyConfigured(
        "Give Redis a password, and name it in REDIS_URL: whoever can write into Redis can start work here."
    )
if {str(DATABASES["default"].get("PASSWORD", "")), str(urlsplit(REDIS_URL).password)} & _KNOWN_TO_EVERYBODY:
    raise ImproperlyConfigured("DATABASE_URL or REDIS_URL has a password that everybody knows. Choose a random one.")
if not SCANNER:
    raise ImproperlyConfigured("Set SCANNER to where ClamAV listens, or to none if uploads are to be taken in unscanned.")
if not BASE_URL.startswith("https://"):
    raise ImproperlyConfigured("Set BASE_URL to the https:// address people use.")

SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=True)
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^scim/"]
"""What programs call is never led from HTTP to HTTPS: ``/scim/`` refuses plain HTTP, so that a token sent in the open is noticed."""
SECURE_HSTS_SECONDS = 365 * 24 * 3600
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXIES", default=1)
if ALLAUTH_TRUSTED_PROXY_COUNT:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SESSION_COOKIE_SECURE = True
SESSION_COOKIE_NAME = "__Host-sessionid"
CSRF_COOKIE_SECURE = True
CSRF_COOKIE_NAME = "__Host-csrftoken"
KNOWN_DEVICE_COOKIE_NAME = "__Host-tenfold_known"
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
SCANNER = "" if SCANNER == "none" else SCANNER
LOGGING["handlers"]["console"]["formatter"] = env.str("LOG_FORMAT", default="json")
