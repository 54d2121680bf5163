"""Django's settings, from the environment that `placet serve` or an administrator gives.

| variable | meaning |
|---|---|
| `PLACET_SECRET_KEY` | signs cookies; unpredictable and the same for all workers |
| `PLACET_ADDRESS` | where people find the pages, as in `https://placet.example` |
| `PLACET_DEMONSTRATION` | `1`: pages say so; a password asked again may stand in for keys |
| `DATABASE_URL_WORKER`, `…_OWNER` | the accounts, sessions and drafts, in the schema `web` |
| `PLACET_STATIC` | a folder for stylesheet, scripts and typeface as they are served |
| `PLACET_PROXIES` | how many proxies stand in front and say in `X-Forwarded-For` who asks |
| `PLACET_OIDC` | JSON of OpenID Connect providers, as django-allauth's `APPS` takes them |
| `PLACET_EMAIL` | URL of a mail server `smtp://user:password@host:port`; the console without one |
| `PLACET_EMAIL_FROM` | whom letters come from; `placet@` and the host of the address without one |
| `PLACET_HOOKS_WITHIN` | networks besides the public ones where web hooks may lie: `10.1.0.0/16` |
| `PLACET_METRICS_TOKEN` | whoever has it sees `/metrics`; without one, this machine does |
| `PLACET_LOG_KEYS` | a file of the log's public keys, for audits asked for in the pages |
"""

from __future__ import annotations

import json
import os
from ipaddress import ip_network
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import to_language

from placet.bootstrap import django_database
from placet.web.watching.logs import LOGGING as LOGS

HERE = Path(__file__).resolve().parent

DEBUG = False
DEMONSTRATION = os.environ.get("PLACET_DEMONSTRATION") == "1"
SECRET_KEY = os.environ["PLACET_SECRET_KEY"]

ADDRESS = os.environ.get("PLACET_ADDRESS", "http://localhost:8000")
_AT = urlsplit(ADDRESS)
_HTTPS = _AT.scheme == "https"
ALLOWED_HOSTS = [_AT.hostname or "localhost"]
CSRF_TRUSTED_ORIGINS = [f"{_AT.scheme}://{_AT.netloc}"]

INSTALLED_APPS = [
    "placet.web.accounts",
    "placet.web.apps.WebConfig",
    "placet.web.jobs",
    "placet.web.api.apps.ApiConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "procrastinate.contrib.django",
]

MIDDLEWARE = [
    "placet.web.watching.probes.WatchingMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "placet.web.api.routing.ApiMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "placet.web.unkept.UnkeptMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "placet.web.accounts.second_factor.SecondFactorMiddleware",
    "placet.web.people.PeopleMiddleware",
    "placet.web.errors.ErrorsMiddleware",
]

ROOT_URLCONF = "placet.web.urls"
WSGI_APPLICATION = "placet.web.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [HERE / "templates"],
        "OPTIONS": {
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    [
                        "django.template.loaders.filesystem.Loader",
                        "django.template.loaders.app_directories.Loader",
                    ],
                )
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "placet.web.people.words",
            ],
            "builtins": ["placet.web.templatetags.placet"],
        },
    }
]

# The accounts are apart from the register: another schema, and a role without rights in it.
DATABASES: dict[str, dict[str, Any]] = {
    "default": django_database(os.environ, "placet_worker", schema="web"),
}
if os.environ.get("DATABASE_URL_OWNER"):
    DATABASES["owner"] = django_database(os.environ, "placet_owner", schema="web")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {"default": {"BACKEND": "placet.web.accounts.attempts.Attempts"}}

# --- signing in

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
LOGIN_URL = "account_login"
CSRF_FAILURE_VIEW = "placet.web.unsent.unsent"
LOGIN_REDIRECT_URL = "inbox"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.ScryptPasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
ACCOUNT_ADAPTER = "placet.web.accounts.adapters.AccountAdapter"
ACCOUNT_FORMS = {"login": "placet.web.accounts.forms.SignInForm"}
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
ACCOUNT_REAUTHENTICATION_METHODS = ("password", "mfa", "socialaccount")
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_RATE_LIMITS = {"login": "30/m/ip", "login_failed": "10/m/ip,5/5m/key"}
# Who asks is whom the outermost of these proxies names; without one the header counts for nothing.
_PROXIES = os.environ.get("PLACET_PROXIES", "0")
if not _PROXIES.isdecimal():
    raise ImproperlyConfigured(f"PLACET_PROXIES is how many proxies there are; not {_PROXIES!r}.")
ALLAUTH_TRUSTED_PROXY_COUNT = int(_PROXIES)
MFA_ADAPTER = "placet.web.accounts.adapters.MFAAdapter"
MFA_FORMS = {"add_webauthn": "placet.web.accounts.forms.PasskeyForm"}
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not _HTTPS
SOCIALACCOUNT_ADAPTER = "placet.web.accounts.adapters.SocialAdapter"
SOCIALACCOUNT_ONLY = False
_OPENID: list[dict[str, Any]] = json.loads(os.environ.get("PLACET_OIDC", "[]"))
for _app in _OPENID:
    for _claim, _values in _app["settings"].get("second_factor", {}).items():
        if _claim not in ("acr", "amr") or not isinstance(_values, list):
            raise ImproperlyConfigured(
                f"PLACET_OIDC, {_app['provider_id']}: second_factor takes lists of values of acr "
                f'and amr, as in {{"amr": ["mfa"]}}; not {_claim}: {_values!r}.'
            )
SOCIALACCOUNT_PROVIDERS = {
    "openid_connect": {
        "APPS": _OPENID,
        "provider_class": "placet.web.accounts.openid.OpenIDProvider",
    }
}

SESSION_COOKIE_AGE = 12 * 3600
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_NAME = "__Host-placet" if _HTTPS else "placet"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _HTTPS
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# --- what browsers are told

SECURE_SSL_REDIRECT = False  # the proxy in front does this
SECURE_HSTS_SECONDS = 31_536_000 if _HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = _HTTPS
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _HTTPS else None
X_FRAME_OPTIONS = "DENY"
_SERVERS = [urlsplit(each["settings"]["server_url"]) for each in _OPENID]
_PROVIDERS = sorted({f"{each.scheme}://{each.netloc}" for each in _SERVERS})
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        # browsers hold the address that a form leads on to against this as well
        "form-action": [SELF, *_PROVIDERS],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "object-src": [NONE],
    }
}

# How much a token may ask for in each process, in a second; twice that at once.
API_RATES = {"read": 50, "act": 10, "determine": 20_000, "accounts": 10}
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 << 20
DATA_UPLOAD_MAX_NUMBER_FIELDS = 500
FILE_UPLOAD_HANDLERS = ["placet.web.receiving.BoundedUpload"]

# --- words, times, files

LANGUAGE_CODE = "en-gb"
LOCALE_PATHS = [HERE / "locale"]
# A language is offered once its catalogue is compiled: as a whole, or not at all.
_COMPILED = sorted(LOCALE_PATHS[0].glob("*/LC_MESSAGES/django.mo"))
LANGUAGES = [
    (LANGUAGE_CODE, "English"),
    *((code := to_language(each.parts[-3]), code) for each in _COMPILED),
]
USE_I18N = USE_TZ = True
TIME_ZONE = "UTC"
STATIC_URL = "static/"
STATICFILES_DIRS = [HERE / "static"]
STATIC_ROOT = os.environ.get("PLACET_STATIC")
WHITENOISE_USE_FINDERS = STATIC_ROOT is None
if STATIC_ROOT is not None:
    STORAGES = {
        "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
        "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
    }

_MAIL = urlsplit(os.environ.get("PLACET_EMAIL", ""))
EMAIL_BACKEND = (
    "django.core.mail.backends.smtp.EmailBackend"
    if _MAIL.hostname
    else "django.core.mail.backends.console.EmailBackend"
)
EMAIL_HOST, EMAIL_PORT = _MAIL.hostname or "", _MAIL.port or 25
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _MAIL.username or "", _MAIL.password or ""
DEFAULT_FROM_EMAIL = os.environ.get("PLACET_EMAIL_FROM", f"placet@{_AT.hostname}")

try:
    HOOKS_WITHIN = [ip_network(each) for each in os.environ.get("PLACET_HOOKS_WITHIN", "").split()]
except ValueError as _error:
    raise ImproperlyConfigured(f"PLACET_HOOKS_WITHIN is a list of networks: {_error}.") from _error

# --- watching

LOGGING = LOGS
LOGGING_CONFIG = "placet.web.watching.logs.begin_logging"
METRICS_TOKEN = os.environ.get("PLACET_METRICS_TOKEN", "")
