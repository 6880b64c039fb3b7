"""Django's settings, all of them derived from ``TAMIS_HOME`` and the environment.

==========================  ==========================================================  ==================
variable                    what it says                                                default
==========================  ==========================================================  ==================
``TAMIS_HOME``              the folder where everything of a workspace lives            ``./tamis-data``
``TAMIS_DATABASE_URL``      a PostgreSQL address instead of the SQLite file in the home
``TAMIS_SECRET_KEY``        the key that signs sessions                                 a file in the home
``TAMIS_ALLOWED_HOSTS``     host names the console answers to, comma-separated          local names
``TAMIS_API_RATE``          requests a minute that each token of the API has            600
``TAMIS_EVENTS_RATE``       requests of events a minute that each token has             60000
``TAMIS_EVENT_IDS_DAYS``    days for which the ids of events are remembered             30
``TAMIS_LAKE_KEPT_DAYS``    days after which files that the lake left behind go         7
``TAMIS_HTTPS``             ``1`` when the console is served over HTTPS: secure cookies ``0``
``TAMIS_GOOGLE_KEY``        a Google service account's key: a JSON file, or its content ``google-key.json``
``TAMIS_URL``               the console's address, for links in mails and on the        as the browser says
                            command line
``TAMIS_TRUSTED_PROXIES``   addresses or networks whose ``X-Forwarded-For`` counts,     none
                            comma-separated
``TAMIS_SMTP``              the mail server: ``smtp://user:password@host:587``          no mail
                            (``smtp+starttls://`` and ``smtps://`` encrypt)
``TAMIS_MAIL_FROM``         the sender of mails                                         ``tamis@`` the host
``TAMIS_WEBHOOK_HOSTS``     machines inside, ``host`` or ``host:port``, comma-separated: none
                            webhooks reach them at private addresses and over plain
                            HTTP too
``TAMIS_OIDC_ISSUER``       the identity provider's address: sign-in with OIDC          none
``TAMIS_OIDC_CLIENT_ID``    what the provider calls Tamis
``TAMIS_OIDC_CLIENT_SECRET``  and the secret it shares with it
``TAMIS_OIDC_NAME``         what the sign-in button calls the provider                  ``SSO``
``TAMIS_OIDC_CREATE``       ``1``: whoever the provider knows gets an account           ``0``
``TAMIS_OIDC_ROLE``         the role of accounts made so                                ``viewer``
==========================  ==========================================================  ==================
"""

import os
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import dj_database_url
from django.core.exceptions import ImproperlyConfigured

from tamis.app.services.addresses import Network, networks
from tamis.messages import LANGUAGES as SPOKEN
from tamis.messages import LOCALE_DIR

HOME = Path(os.environ.get("TAMIS_HOME") or "tamis-data").absolute()
APP_DIR = Path(__file__).parent


def _secret_key() -> str:
    file = HOME / "secret.key"
    return os.environ.get("TAMIS_SECRET_KEY") or (file.read_text().strip() if file.exists() else "")


def _database() -> dict[str, object]:
    if url := os.environ.get("TAMIS_DATABASE_URL"):
        if not url.startswith(("postgres://", "postgresql://")):
            raise ImproperlyConfigured("TAMIS_DATABASE_URL: postgresql://user:password@host/name")
        return dict(dj_database_url.parse(url, conn_max_age=60, conn_health_checks=True))
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": HOME / "tamis.sqlite3",
        "CONN_MAX_AGE": 60,
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 30,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA cache_size=-65536; PRAGMA recursive_triggers=ON",
        },
    }


def _google_key() -> str:
    file = HOME / "google-key.json"
    return os.environ.get("TAMIS_GOOGLE_KEY") or (str(file) if file.exists() else "")


def _trusted_proxies() -> list[Network]:
    try:
        return networks(os.environ.get("TAMIS_TRUSTED_PROXIES", ""))
    except ValueError as error:
        raise ImproperlyConfigured(f"TAMIS_TRUSTED_PROXIES: {error}") from error


def _mail() -> dict[str, object]:
    """Django's settings for mail, from one address."""
    parts = urlsplit(os.environ.get("TAMIS_SMTP", ""))
    if not parts.hostname:
        return {}
    if parts.scheme not in ("smtp", "smtp+starttls", "smtps"):
        raise ImproperlyConfigured("TAMIS_SMTP: smtp://user:password@host:port, smtp+starttls://… or smtps://…")
    return {
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": parts.port or {"smtp": 25, "smtp+starttls": 587, "smtps": 465}[parts.scheme],
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_TLS": parts.scheme == "smtp+starttls",
        "EMAIL_USE_SSL": parts.scheme == "smtps",
        "EMAIL_TIMEOUT": 20,
        "DEFAULT_FROM_EMAIL": os.environ.get("TAMIS_MAIL_FROM") or f"tamis@{parts.hostname}",
    }


def _oidc() -> dict[str, Any]:
    """The identity provider, empty when there is none."""
    issuer = os.environ.get("TAMIS_OIDC_ISSUER", "")
    if not issuer:
        return {}
    if not os.environ.get("TAMIS_OIDC_CLIENT_ID"):
        raise ImproperlyConfigured("TAMIS_OIDC_CLIENT_ID")
    role = os.environ.get("TAMIS_OIDC_ROLE") or "viewer"
    if role not in ("viewer", "editor", "admin"):
        raise ImproperlyConfigured("TAMIS_OIDC_ROLE: viewer, editor, admin")
    return {
        "issuer": issuer,
        "client_id": os.environ["TAMIS_OIDC_CLIENT_ID"],
        "client_secret": os.environ.get("TAMIS_OIDC_CLIENT_SECRET", ""),
        "name": os.environ.get("TAMIS_OIDC_NAME") or "SSO",
        "create": os.environ.get("TAMIS_OIDC_CREATE") == "1",
        "role": role,
    }


SECRET_KEY = _secret_key()
GOOGLE_KEY = _google_key()
DEBUG = False
ALLOWED_HOSTS = os.environ.get("TAMIS_ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]").split(",")
DATABASES = {"default": _database()}

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "tamis.app",
]
MIDDLEWARE = [
    "tamis.app.api.errors.one_shape",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "tamis.app.middleware.content_security_policy",
    "tamis.app.middleware.sessions_seen",
    "tamis.app.middleware.language",
    "tamis.app.middleware.errors_as_sentences",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [APP_DIR / "templates"],
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
            "builtins": ["django.templatetags.i18n", "django.templatetags.static", "tamis.app.templatetags.tamis"],
        },
    }
]
ROOT_URLCONF = "tamis.app.urls"
WSGI_APPLICATION = "tamis.app.wsgi.application"

AUTH_USER_MODEL = "tamis.User"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "tamis.app.passwords.MaximumLengthValidator"},
]
PASSWORD_RESET_TIMEOUT = 24 * 3600
LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "overview"
LOGOUT_REDIRECT_URL = "sign-in"

LANGUAGE_CODE = "fr"
LANGUAGES = [(code, {"fr": "Français", "en": "English"}[code]) for code in SPOKEN]
LOCALE_PATHS = [LOCALE_DIR]
TIME_ZONE = "Europe/Paris"
USE_TZ = True

STATIC_URL = "static/"
STATICFILES_DIRS = [APP_DIR / "static"]
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False

HTTPS = os.environ.get("TAMIS_HTTPS") == "1"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_NAME = "__Host-sessionid" if HTTPS else "sessionid"
CSRF_COOKIE_NAME = "__Host-csrftoken" if HTTPS else "csrftoken"
SESSION_ENGINE = "tamis.app.sessions"
SESSION_COOKIE_AGE = 14 * 24 * 3600
SESSION_COOKIE_HTTPONLY = True
CSRF_COOKIE_HTTPONLY = True
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if HTTPS else 0
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
URL = os.environ.get("TAMIS_URL", "").rstrip("/")
TRUSTED_PROXIES: list[Network] = _trusted_proxies()
MAIL = _mail()
globals().update(MAIL)
OIDC = _oidc()
WEBHOOK_HOSTS = frozenset(
    each.strip().lower() for each in os.environ.get("TAMIS_WEBHOOK_HOSTS", "").split(",") if each.strip()
)
DATA_UPLOAD_MAX_NUMBER_FIELDS = 20_000
DATA_UPLOAD_MAX_MEMORY_SIZE = 5_000_000
FILE_UPLOAD_MAX_MEMORY_SIZE = 2_000_000

API_RATE = int(os.environ.get("TAMIS_API_RATE") or 600)
EVENTS_RATE = int(os.environ.get("TAMIS_EVENTS_RATE") or 60_000)
ARRIVALS_DELAY = 2.0  # seconds between what came in and its being counted in the state
EVENT_IDS_DAYS = max(int(os.environ.get("TAMIS_EVENT_IDS_DAYS") or 30), 2)
BACKUPS_KEPT_DAYS = int(os.environ.get("TAMIS_BACKUPS_KEPT_DAYS") or 30)
LAKE_KEPT_DAYS = int(os.environ.get("TAMIS_LAKE_KEPT_DAYS") or 7)

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"no-links": {"()": "tamis.app.passwords.WithoutLinks"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "filters": ["no-links"]}},
    "loggers": {"django": {"handlers": ["stderr"], "level": "WARNING"}},
}
