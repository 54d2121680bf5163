"""Signing in by a provider of OpenID Connect: only by what it signed, for us, in answer to us.

Of an ID token its signature, issuer, audience, time and nonce are checked; of it only `sub` is
taken, and how and when that person showed the provider who they are (`auth_time`, `acr`, `amr`).
Names and addresses of mail, which people may change at many providers, say nothing here.
Who a subject is, whoever administers accounts has said (`placet.web.accounts.administering`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.helpers import render_authentication_error
from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.base.constants import AuthProcess
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.utils import generate_code_challenge
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView, OAuth2LoginView
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.http import Http404, HttpRequest, HttpResponse
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from requests import RequestException

from placet.web.accounts.subjects import LONGEST

__all__ = [
    "ALGORITHMS",
    "LEEWAY",
    "OpenIDAdapter",
    "OpenIDProvider",
    "Shown",
    "ask_again",
    "come_back",
    "go_there",
]

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "Ed25519")
"""What ID tokens are signed with: by keys that only the provider has."""

LEEWAY = 60
"""Seconds by which a provider's clock may differ from ours."""


@dataclass(frozen=True)
class Shown:
    """What a provider says of how somebody showed it who they are.

    `at` is when, in seconds, None where it does not say; `second_factor` whether what it says is
    among the values that the settings take for two factors.
    """

    at: int | None
    second_factor: bool

    @classmethod
    def of(cls, claims: Mapping[str, Any], counted: Mapping[str, list[str]]) -> Shown:
        """Read the claims of a token that was checked; `counted` is what the settings take."""
        at, methods = claims.get("auth_time"), claims.get("amr")
        by_methods = isinstance(methods, list) and any(
            each in counted.get("amr", []) for each in methods
        )
        counts = by_methods or claims.get("acr") in counted.get("acr", [])
        return cls(at if type(at) is int else None, counts)


class OpenIDAdapter(OpenIDConnectOAuth2Adapter):
    """The way to a provider and back."""

    nonce = ""

    def get_access_token_data(
        self, request: HttpRequest, app: Any, client: Any, pkce_code_verifier: str | None = None
    ) -> Any:
        """Exchange the code, by the verifier that the session kept."""
        self.nonce = _nonce(pkce_code_verifier or "")
        return super().get_access_token_data(request, app, client, pkce_code_verifier)

    def complete_login(
        self, request: HttpRequest, app: SocialApp, _token: Any, **given: Any
    ) -> Any:
        """Return who signed in, and in `shown` how they showed the provider that it is them.

        Raises:
            OAuth2Error: there is no ID token, or it is not signed for us in answer to us.
        """
        claims = self._claims(app.client_id, given["response"].get("id_token"))
        login = self.get_provider().sociallogin_from_response(request, claims)
        login.shown = Shown.of(claims, _counted(app))
        return login

    def _claims(self, client: str, token: object) -> dict[str, Any]:
        """Return what a token claims, once everything is checked."""
        if not isinstance(token, str):
            raise OAuth2Error("The provider gave no ID token: ask for the scope openid.")
        expected = jwt.JWTClaimsRegistry(
            now=_now,
            leeway=LEEWAY,
            iss={"essential": True, "value": self.openid_config["issuer"]},
            aud={"essential": True, "value": client},
            azp={"essential": False, "value": client},
            nonce={"essential": True, "value": self.nonce},
            exp={"essential": True},
            iat={"essential": True},
            sub={"essential": True},
        )
        try:
            found = jwt.decode(token, self._keys(), algorithms=list(ALGORITHMS)).claims
            expected.validate(found)
        except (JoseError, ValueError, KeyError, TypeError) as error:
            raise OAuth2Error(f"The ID token is not accepted: {error}") from error
        if isinstance(found["aud"], list) and len(found["aud"]) > 1 and "azp" not in found:
            raise OAuth2Error("The ID token is for several, and does not say whom it was given.")
        if not isinstance(found["sub"], str) or not 0 < len(found["sub"]) <= LONGEST:
            raise OAuth2Error("The ID token has no subject that could be kept.")
        return found

    def _keys(self) -> KeySet:
        with get_adapter().get_requests_session() as session:
            answer = session.get(self.openid_config["jwks_uri"])
            answer.raise_for_status()
        return KeySet.import_key_set(answer.json())


class OpenIDProvider(OpenIDConnectProvider):
    """A provider as it is configured; each way to it has a verifier and a nonce of its own."""

    oauth2_adapter_class = OpenIDAdapter

    def get_pkce_params(self) -> dict[str, Any]:
        """Return the challenge and the nonce, which follow from what the session keeps."""
        challenge = generate_code_challenge()
        return {**challenge, "nonce": _nonce(challenge["code_verifier"])}

    def get_default_scope(self) -> list[str]:
        """Ask for nothing but who it is."""
        return ["openid"]

    def get_auth_params(self) -> dict[str, Any]:
        """Ask for what counts as two factors, where the settings name it."""
        wanted = " ".join(_counted(self.app).get("acr", []))
        return {**({"acr_values": wanted} if wanted else {}), **super().get_auth_params()}

    def get_redirect_from_request_kwargs(self, request: HttpRequest) -> dict[str, Any]:
        """Take nothing from the address but where to go afterwards."""
        given = super().get_redirect_from_request_kwargs(request)
        return {**given, "scope": self.get_scope(), "auth_params": self.get_auth_params()}

    def extract_uid(self, data: Any) -> str:
        """Return the subject."""
        return str(data["sub"])

    def extract_extra_data(self, _data: Any) -> dict[str, Any]:
        """Keep nothing more of a person."""
        return {}

    def extract_common_fields(self, _data: Any) -> dict[str, Any]:
        """Take over nothing of a person."""
        return {}

    def extract_email_addresses(self, _data: Any) -> list[Any]:
        """Take over no address."""
        return []


def go_there(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Lead to a provider."""
    return _by(OAuth2LoginView, request, provider_id)


def come_back(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Sign in whom a provider sent back."""
    return _by(OAuth2CallbackView, request, provider_id)


def ask_again(request: HttpRequest, provider_id: str, then: str) -> HttpResponse:
    """Lead to a provider to ask anew who it is, whatever sign-in is open there; then go on."""
    provider = OpenIDAdapter(request, provider_id).get_provider()
    anew = {**provider.get_auth_params(), "prompt": "login", "max_age": "0"}
    asked = {"since": _now()}
    try:
        answer: HttpResponse = provider.redirect(
            request, AuthProcess.REDIRECT, then, asked, auth_params=anew
        )
    except RequestException as error:
        return _unreachable(request, provider, error)
    return answer


def _by(view: Any, request: HttpRequest, provider_id: str) -> HttpResponse:
    """Go by way of a provider; one that cannot be reached is said to be so."""
    adapter = OpenIDAdapter(request, provider_id)
    try:
        answer: HttpResponse = view.adapter_view(adapter)(request)
    except SocialApp.DoesNotExist as error:
        raise Http404 from error
    except RequestException as error:
        return _unreachable(request, adapter.get_provider(), error)
    return answer


def _unreachable(request: HttpRequest, provider: Any, error: RequestException) -> HttpResponse:
    told = render_authentication_error(request, provider, exception=error)
    return HttpResponse(told.content, status=502)


def _counted(app: SocialApp) -> dict[str, list[str]]:
    """Return the values of `acr` and `amr` that the settings take for two factors."""
    found: dict[str, list[str]] = app.settings.get("second_factor", {})
    return found


def _now() -> int:
    return int(datetime.now(UTC).timestamp())


def _nonce(verifier: str) -> str:
    """Return the nonce of a way: whoever has not the session cannot ask for a token with it."""
    return sha256(b"nonce " + verifier.encode()).hexdigest()
