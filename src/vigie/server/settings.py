"""Django's settings, drawn from `vigie.server.config`; nothing is decided here that an operator may change."""

import os
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from vigie.server import logs
from vigie.server.config import Config, load, sqlite_file

SESSION_DAYS = 14
"""Days that a log-in lasts without a visit: Django's own default, shorter than which people share passwords."""

LOCK_TIMEOUT_S = 20
"""Seconds that SQLite waits for a writer: the longest transaction of ours (1,000 posts) takes under 2 s."""

LOG_IN_ATTEMPTS = 8
"""Wrong passwords of one person from one address before a pause (OWASP ASVS 5.0 6.3.1 asks for a limit)."""

PAUSE_MINUTES = 15
"""How long that pause lasts."""

PASSWORD_LENGTH = 12
"""Characters; NIST SP 800-63B-4 §3.1.1.2 asks for 15 where the password is alone, ANSSI for 9-11 with a lock-out."""


def secret_key(config: Config) -> str:
    """Return the key of the installation; make it once, readable by its owner only.

    Two processes that start together: the file is made by an exclusive create, so the later one reads the first's.
    """
    if config.secret_key:
        return config.secret_key
    path = config.secret_key_file
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        _place(path, secrets.token_urlsafe(48))
    return path.read_text(encoding="ascii").strip()


def _place(path: Path, text: str) -> None:
    """Write a file whole under a name of its own, then give it its name unless another process has."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(text)
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def database(url: str) -> dict[str, Any]:
    """Turn a path or an address into what Django calls a database.

    Connections are not kept between requests: under ASGI each request runs in a thread of its own, and a kept
    connection would outlive it (docs.djangoproject.com/en/5.2/ref/databases, "Persistent connections").
    """
    file = sqlite_file(url)
    if file is None:
        parts = urlsplit(url)
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": unquote(parts.path.lstrip("/")),
            "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""),
            "HOST": unquote(parts.hostname or ""),
            "PORT": str(parts.port or ""),
            "OPTIONS": {key: values[-1] for key, values in parse_qs(parts.query).items()},
        }
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(file),
        "OPTIONS": {
            "timeout": LOCK_TIMEOUT_S,
            # A deferred transaction that reads, then writes, fails at once under another writer instead of waiting.
            "transaction_mode": "IMMEDIATE",
            # NORMAL under WAL loses no consistency; after a power cut the last commits may be missing (sqlite.org/wal).
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;",
        },
        "TEST": {"NAME": None},
    }


def mail(url: str | None) -> dict[str, Any]:
    """Turn the mail server's address into Django's settings; without one mails are printed."""
    if url is None:
        return {"EMAIL_BACKEND": "django.core.mail.backends.console.EmailBackend"}
    parts = urlsplit(url)
    return {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": parts.port or (465 if parts.scheme == "smtps" else 25),
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_SSL": parts.scheme == "smtps",
        "EMAIL_USE_TLS": parse_qs(parts.query).get("starttls") == ["on"],
        "EMAIL_TIMEOUT": 20,
    }


VIGIE: Config = load(os.environ)
_WEB = Path(__file__).parents[1] / "web"
_BUILD = VIGIE.var.absolute() / "build"

SECRET_KEY = secret_key(VIGIE)
DEBUG = VIGIE.debug
ALLOWED_HOSTS = list(VIGIE.allowed_hosts)
CSRF_TRUSTED_ORIGINS = [VIGIE.public_url] if VIGIE.is_https else []
ASGI_APPLICATION = "vigie.server.asgi.application"
ROOT_URLCONF = "vigie.web.urls"
APPEND_SLASH = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "vigie.server.apps.ServerConfig",
    "vigie.web.apps.WebConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "axes",
    "django_htmx",
]

MIDDLEWARE = [
    # From the outside in: each line needs those above it.
    "vigie.web.middleware.references",
    "vigie.web.middleware.headers",
    "django.middleware.security.SecurityMiddleware",
    "vigie.web.middleware.Static",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "vigie.web.middleware.LoggedIn",
    "vigie.web.middleware.who_asks",
    "allauth.account.middleware.AccountMiddleware",
    "vigie.web.middleware.Refusals",
    "axes.middleware.AxesMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [_WEB / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "vigie.web.context.frame",
            ],
            "builtins": ["vigie.web.templatetags.vigie"],
        },
    }
]

DATABASES = {"default": database(VIGIE.database_url)}
for _name in ("assets", "static"):
    (_BUILD / _name).mkdir(parents=True, exist_ok=True)

AUTH_USER_MODEL = "vigie.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": PASSWORD_LENGTH},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
PASSWORD_RESET_TIMEOUT = 24 * 3600

ACCOUNT_ADAPTER = "vigie.web.accounts.Adapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_FORMS = {
    "login": "vigie.web.accounts.LogInForm",
    "reset_password": "vigie.web.accounts.LostPasswordForm",
    "reset_password_from_key": "vigie.web.accounts.NewPasswordForm",
    "change_password": "vigie.web.accounts.ChangePasswordForm",
}
# Log-ins are paced by axes, whose counts outlive a restart; the others by allauth.
ACCOUNT_RATE_LIMITS = {"login": False, "login_failed": False}

AXES_FAILURE_LIMIT = LOG_IN_ATTEMPTS
AXES_COOLOFF_TIME = PAUSE_MINUTES / 60
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_USERNAME_CALLABLE = "vigie.web.accounts.attempted_email"
AXES_LOCKOUT_CALLABLE = "vigie.web.views.errors.too_many_log_ins"
AXES_DISABLE_ACCESS_LOG = True
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False

SESSION_COOKIE_AGE = SESSION_DAYS * 24 * 3600
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = VIGIE.is_https
SESSION_COOKIE_NAME, CSRF_COOKIE_NAME, LANGUAGE_COOKIE_NAME = "vigie_session", "vigie_csrf", "vigie_language"
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
CSRF_FAILURE_VIEW = "vigie.web.views.errors.csrf_failure"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if VIGIE.is_https else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if VIGIE.is_https else None
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.TemporaryFileUploadHandler"]

LANGUAGE_CODE = VIGIE.language
LANGUAGES = [("fr", "Français"), ("en", "English")]
LOCALE_PATHS = [_BUILD / "locale"]
USE_I18N = USE_TZ = True
TIME_ZONE = VIGIE.time_zone.key

STATIC_URL = "/static/"
STATIC_ROOT = _BUILD / "static"
STATICFILES_DIRS = [_WEB / "static", _BUILD / "assets"]
_IS_COLLECTED = not DEBUG and (STATIC_ROOT / "staticfiles.json").is_file()
WHITENOISE_USE_FINDERS = not _IS_COLLECTED
WHITENOISE_AUTOREFRESH = DEBUG
WHITENOISE_ALLOW_ALL_ORIGINS = False
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if _IS_COLLECTED
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}

DEFAULT_FROM_EMAIL = SERVER_EMAIL = VIGIE.mail_from
EMAIL_SUBJECT_PREFIX = ""
globals().update(mail(VIGIE.mail_url))

LOGGING = logs.logging_config(VIGIE.log_level)
