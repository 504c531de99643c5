"""Settings that every form of Tenfold shares. ``embedded``, ``production`` and ``test`` build on them.

Everything an operator may set comes from the environment; docs/operations.md lists it.
"""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ
from celery.schedules import crontab
from csp.constants import NONCE, NONE, SELF

env = environ.FileAwareEnv()
"""Every variable may also be named in a file: ``SECRET_KEY_FILE`` is where a vault or Docker puts the value of ``SECRET_KEY``."""

ROOT = Path(__file__).resolve().parent.parent.parent
DATA_DIR = Path(env.str("TENFOLD_DATA_DIR", default=str(ROOT / "var")))
"""Where the embedded form keeps its database, broker and files."""

PRODUCT_NAME = env.str("PRODUCT_NAME", default="Tenfold")
BASE_URL = env.str("BASE_URL", default="http://localhost:8000")
"""The address people use, for links in documents and e-mails. Never taken from a request."""

TAKES_DEMONSTRATION = True
"""Whether the demonstration may be loaded where nobody is yet. Its password is known to everybody."""

SECURITY_CONTACT = env.str("SECURITY_CONTACT", default="")
"""Whom somebody tells who found a weakness: mailto:... or https://... Served as /.well-known/security.txt."""

SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
"""Former values of SECRET_KEY: what they signed or closed still holds, and nobody is signed out (docs/operations.md)."""

SIGNING_KEY = env.str("SIGNING_KEY", default="")
"""What badges and training records are signed with: 32 random bytes in base64url. Without it, derived from SECRET_KEY."""

# --- Applications -------------------------------------------------------------------------

INSTALLED_APPS = [
    "lms.apps.LmsConfig",
    "privacy.apps.PrivacyConfig",
    "assessment.apps.AssessmentConfig",
    "reporting.apps.ReportingConfig",
    "courses.apps.CoursesConfig",
    "registers.apps.RegistersConfig",
    "quizzes.apps.QuizzesConfig",
    "content.apps.ContentConfig",
    "evidence.apps.EvidenceConfig",
    "staff.apps.StaffConfig",
    "jobs.apps.JobsConfig",
    "accounts.apps.AccountsConfig",
    "audit.apps.AuditConfig",
    "nhsuk.apps.NhsukConfig",
    "wagtail.contrib.settings",
    "wagtail.sites",
    "wagtail.users",
    "wagtail.snippets",
    "wagtail.documents",
    "wagtail.images",
    "wagtail.search",
    "wagtail.admin",
    "wagtail",
    "modelcluster",
    "taggit",
    "import_export",
    "csp",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.usersessions",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "whitenoise.runserver_nostatic",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "nhsuk.middleware.BrowserPolicyMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "accounts.middleware.AccessMiddleware",
    "accounts.head_requests.HeadMiddleware",
    "accounts.row_security.RowSecurityMiddleware",
    "jobs.middleware.TooManyJobsMiddleware",
]

ROOT_URLCONF = "lms.urls"
WSGI_APPLICATION = "lms.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Language and time --------------------------------------------------------------------

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "Europe/London"
USE_I18N = True
USE_TZ = True

# --- Database -----------------------------------------------------------------------------

DATABASE_SERVING_ROLE = env.str("DATABASE_SERVING_ROLE", default="")
"""Set where tables are migrated by their owner: the PostgreSQL role that serves, owns nothing and is given its rights (docs/adr/0045)."""
DATABASES = {"default": env.db_url("DATABASE_URL", default=f"sqlite:///{DATA_DIR / 'tenfold.sqlite3'}")}
_database = DATABASES["default"]
IS_SQLITE = "sqlite" in _database["ENGINE"]
_database["ATOMIC_REQUESTS"] = False
if IS_SQLITE:
    _database["OPTIONS"] = {
        "timeout": 20,
        "transaction_mode": "IMMEDIATE",
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON; "
        "PRAGMA cache_size=-32000; PRAGMA temp_store=MEMORY;",
    }
    DATA_DIR = Path(_database["NAME"]).resolve().parent
    DATA_DIR.mkdir(parents=True, exist_ok=True)
else:
    _database["CONN_MAX_AGE"] = 60
    _database["CONN_HEALTH_CHECKS"] = True
    # PostgreSQL translates a long statement into machine code before it runs: 140 ms for a completion rate that takes 120.
    # And it looks people up in a list of facts quickly only while the list fits: 4 MB are those of some 20,000 people.
    _database.setdefault("OPTIONS", {}).setdefault("options", "-c jit=off -c work_mem=32MB")

# --- Files --------------------------------------------------------------------------------

MEDIA_ROOT = Path(env.str("MEDIA_ROOT", default=str(DATA_DIR / "media")))
MEDIA_URL = "/media/"
BLOB_ROOT = Path(env.str("BLOB_ROOT", default=str(MEDIA_ROOT.parent / "blobs")))
"""Evidence, certificates and packs, named by their SHA-256. Never served by address."""
STATIC_URL = "/static/"
STATIC_ROOT = Path(env.str("STATIC_ROOT", default=str(ROOT / "var" / "static")))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
WHITENOISE_MANIFEST_STRICT = False
"""A page whose static files were not collected yet is plain, and not an error."""
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
FILE_UPLOAD_HANDLERS = [
    "accounts.incoming.UpToTheLargest",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
UPLOAD_MAX_BYTES = 25 * 1024 * 1024
"""The largest file a person may upload."""
UPLOADS_PER_HOUR = env.int("UPLOADS_PER_HOUR", default=100)
"""How many files one person may bring in within an hour."""
DOWNLOADS_PER_HOUR = env.int("DOWNLOADS_PER_HOUR", default=300)
"""How many files somebody may take away within an hour, in one sign-in."""
ORGANISATION_STORAGE_BYTES = env.int("ORGANISATION_STORAGE_MB", default=2048) * 1024 * 1024
"""How much one organisation may keep in its evidence library."""
SCANNER = env.str("SCANNER", default="")
"""Where ClamAV listens: tcp://host:port or unix:///path. Without it, files are not looked at for viruses."""
SCANNER_SECONDS = env.int("SCANNER_SECONDS", default=60)
VIDEO_MAX_BYTES = 60 * 1024 * 1024
"""The largest video of a lesson: about five minutes that a phone can show."""

# --- Background work ----------------------------------------------------------------------

REDIS_URL = env.str("REDIS_URL", default="")
JOBS_AT_ONCE = env.int("JOBS_AT_ONCE", default=10)
"""How many jobs one person may have waiting or running."""
JOBS_AT_ONCE_ORGANISATION = env.int("JOBS_AT_ONCE_ORGANISATION", default=40)
"""How many jobs the people of one organisation may have waiting or running."""
JOBS_PER_HOUR = env.int("JOBS_PER_HOUR", default=100)
"""How many jobs one person may start within an hour."""
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_RESULT_BACKEND = None
CELERY_TASK_IGNORE_RESULT = True
CELERY_TIMEZONE = TIME_ZONE
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_PUBLISH_RETRY = False
if REDIS_URL:
    CELERY_BROKER_URL = REDIS_URL
    CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, object] = {
        "visibility_timeout": 3600,
        "unacked_restore_interval": 2,
        "unacked_restore_throttle": 1,
        "socket_connect_timeout": 2,
        "socket_timeout": 5,
    }
else:
    BROKER_DIR = DATA_DIR / "broker"
    CELERY_BROKER_URL = "filesystem://"
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(BROKER_DIR / "messages"),
        "data_folder_out": str(BROKER_DIR / "messages"),
        "control_folder": str(BROKER_DIR / "control"),
        "store_processed": False,
        "polling_interval": 0.1,
    }
CELERY_BEAT_SCHEDULE_FILENAME = str(DATA_DIR / "celerybeat-schedule")
CELERY_BEAT_SCHEDULE = {
    "ask the scanner again": {"task": "evidence.scan_waiting", "schedule": 120.0},
    "sweep jobs": {"task": "jobs.sweep", "schedule": 30.0},
    "forget old record imports": {"task": "courses.expire_record_imports", "schedule": crontab(hour="3", minute="25")},
    "delete unfetched letters": {"task": "staff.expire_letters", "schedule": 900.0},
    "hand in quizzes whose time is up": {"task": "courses.hand_in_overdue", "schedule": 300.0},
    "publish what is due": {"task": "content.publish_scheduled", "schedule": 300.0},
    "forget old imports": {"task": "staff.expire_imports", "schedule": crontab(hour="3", minute="20")},
    "record yesterday's figures": {"task": "reporting.keep_rates", "schedule": crontab(hour="1", minute="40")},
    "send reports": {"task": "reporting.send_reports", "schedule": crontab(hour="7-17", minute="35")},
    "send the heads of audit trails": {"task": "privacy.mail_heads", "schedule": crontab(hour="6-9", minute="5")},
    "delete copies for people": {"task": "privacy.expire_copies", "schedule": crontab(hour="3", minute="40")},
    "forget old drawings": {"task": "reporting.forget_drawings", "schedule": crontab(hour="3", minute="35")},
    "decide on reminders of training": {"task": "courses.decide_reminders", "schedule": crontab(hour="7-17", minute="20")},
    "send reminders of training": {"task": "courses.deliver_reminders", "schedule": crontab(hour="7-18")},
    "tell that audits end": {"task": "assessment.tell_of_endings", "schedule": crontab(hour="7", minute="15")},
    "remind people": {"task": "registers.send_reminders", "schedule": crontab(hour="7", minute="10")},
}

# --- Accounts -----------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
LOGIN_URL = "accounts:sign_in"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "/"
PASSWORD_HASHERS = [
    "accounts.hashers.TenfoldArgon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "accounts.passwords.EverydayPasswordValidator"},
    {"NAME": "accounts.passwords.ContextWordsValidator"},
    {"NAME": "accounts.passwords.BreachedPasswordValidator"},
]
BREACHED_PASSWORDS = env.str("BREACHED_PASSWORDS", default="")
"""A file of the SHA-1 digests of stolen passwords, sorted, as Have I Been Pwned gives it away. Without it only common ones are refused."""
PASSWORD_RESET_TIMEOUT = 72 * 3600
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
KNOWN_DEVICE_COOKIE_NAME = "tenfold_known"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "lms.views.form_expired"

# Signing in with a password, a second factor and a fresh sign-in are django-allauth's; who needs which is accounts.second_factor's.
ACCOUNT_ADAPTER = "accounts.sign_in.SignInAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_RATE_LIMITS = False
"""Wrong passwords and codes are counted in the database by ``accounts.throttle``, whichever process they reach."""
ACCOUNT_REAUTHENTICATION_TIMEOUT = 10 * 60
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_TOTP_ISSUER = PRODUCT_NAME
MFA_TOTP_TOLERANCE = 1
MFA_ADAPTER = "accounts.sign_in.SecondFactorAdapter"
MFA_FORMS = {
    "authenticate": "accounts.forms_second_factor.CodeForm",
    "reauthenticate": "accounts.forms_second_factor.CodeAgainForm",
    "activate_totp": "accounts.forms_second_factor.ActivateAppForm",
    "add_webauthn": "accounts.forms_second_factor.AddKeyForm",
}
ACCOUNT_FORMS = {"login": "accounts.forms.SignInForm", "reauthenticate": "accounts.forms.PasswordAgainForm"}
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = BASE_URL.startswith(("http://localhost", "http://127.0.0.1"))
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXIES", default=0)
"""How many proxies of the operator's own stand in front; no more of X-Forwarded-For is believed."""
SECOND_FACTOR = env.bool("SECOND_FACTOR", default=True)
"""Whether people who may do more than learn need a second factor. The demonstration switches it off."""

DIRECTORIES = [
    {
        "code": code,
        "name": env.str(f"OIDC_{prefix}_NAME"),
        "issuer": env.str(f"OIDC_{prefix}_ISSUER"),
        "client_id": env.str(f"OIDC_{prefix}_CLIENT_ID"),
        "client_secret": env.str(f"OIDC_{prefix}_CLIENT_SECRET"),
        "subject_claim": env.str(f"OIDC_{prefix}_SUBJECT", default="sub"),
        "second_factor": tuple(env.list(f"OIDC_{prefix}_SECOND_FACTOR", default=[])),
    }
    for code in env.list("OIDC_DIRECTORIES", default=[])
    for prefix in [code.upper().replace("-", "_")]
]
"""Where else people may prove who they are, such as NHSmail. None, unless the operator names some (docs/operations.md)."""
SOCIALACCOUNT_ADAPTER = "accounts.directory_sign_in.SocialAdapter"
SOCIALACCOUNT_EMAIL_AUTHENTICATION = False
SOCIALACCOUNT_AUTO_SIGNUP = False
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_QUERY_EMAIL = False

ROW_SECURITY = env.bool("ROW_SECURITY", default=False)
"""Whether PostgreSQL too hides other organisations' rows from requests. Needs a database role that is no superuser."""

# --- Templates ----------------------------------------------------------------------------

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "APP_DIRS": True,
        "OPTIONS": {
            "environment": "nhsuk.jinja.environment",
            "extensions": [
                "wagtail.jinja2tags.core",
                "wagtail.images.jinja2tags.images",
                "wagtail.contrib.settings.jinja2tags.settings",
            ],
            "context_processors": [
                "django.contrib.messages.context_processors.messages",
                "accounts.context_processors.access",
            ],
        },
    },
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "wagtail.contrib.settings.context_processors.settings",
            ],
        },
    },
]

# --- Browser safety -----------------------------------------------------------------------

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "media-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF, *sorted({"{0.scheme}://{0.netloc}".format(urlsplit(entry["issuer"])) for entry in DIRECTORIES})],
        "frame-ancestors": [NONE],
    }
}
PERMISSIONS_POLICY: dict[str, list[str]] = {
    feature: [] for feature in ("camera", "display-capture", "geolocation", "microphone", "payment", "usb")
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

# --- Wagtail ------------------------------------------------------------------------------

WAGTAIL_SITE_NAME = PRODUCT_NAME
WAGTAILADMIN_BASE_URL = BASE_URL
WAGTAILADMIN_LOGIN_URL = LOGIN_URL
WAGTAIL_FRONTEND_LOGIN_URL = "/accounts/sign-in/"
WAGTAIL_GRAVATAR_PROVIDER_URL = None
WAGTAIL_ENABLE_UPDATE_CHECK = False
WAGTAIL_ENABLE_WHATS_NEW_BANNER = False
WAGTAIL_USER_TIME_ZONES = [TIME_ZONE]
WAGTAIL_PASSWORD_MANAGEMENT_ENABLED = False
WAGTAILADMIN_EXTERNAL_LINK_CONVERSION = "none"
"""Turning an address into a link to a page would tell the title of whatever page is there."""
WAGTAIL_FINISH_WORKFLOW_ACTION = "content.second_reader.publish_what_was_read"
WAGTAILEMBEDS_FINDERS: list[dict[str, str]] = []
WAGTAILDOCS_EXTENSIONS = ["pdf", "docx", "xlsx", "csv", "txt", "mp4", "webm", "vtt"]
WAGTAILDOCS_DOCUMENT_FORM_BASE = "courses.forms_documents.LessonDocumentForm"
WAGTAILIMAGES_IMAGE_FORM_BASE = "content.forms_pictures.PictureForm"
WAGTAILIMAGES_EXTENSIONS = ["png", "jpg", "jpeg", "gif", "webp"]
WAGTAILIMAGES_FORMAT_CONVERSIONS = {"gif": "png", "webp": "jpeg"}
WAGTAILIMAGES_MAX_IMAGE_PIXELS = 60_000_000
WAGTAILSEARCH_BACKENDS = {"default": {"BACKEND": "wagtail.search.backends.database"}}
TAGGIT_CASE_INSENSITIVE = True

# --- E-mail and logs ----------------------------------------------------------------------

vars().update(env.email_url("EMAIL_URL", default="consolemail://"))
PLATFORM_HEAD_RECEIVERS: list[str] = env.list("PLATFORM_HEAD_RECEIVERS", default=[])
"""Who gets the head of the installation's own audit trail every day: two addresses or more, or none."""
REMINDERS_PER_MINUTE = env.int("REMINDERS_PER_MINUTE", default=300)
"""How many reminders of training are handed to the mail server a minute, at most."""
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="Tenfold <no-reply@localhost>")
LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": "lms.log_lines.PlainLines"}, "json": {"()": "lms.log_lines.JsonLines"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": env.str("LOG_FORMAT", default="line")}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="INFO")},
    "loggers": {
        "wagtail": {"level": "WARNING"},
        "django_tasks": {"level": "WARNING"},
        "fontTools": {"level": "WARNING"},
        "matplotlib": {"level": "WARNING"},
    },
}
