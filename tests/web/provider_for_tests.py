"""A provider of OpenID Connect for tests, in a process of its own: `provider()` runs it.

It does what one does: discovery, codes that are good once and for whom knows their verifier,
signed ID tokens, keys. Whoever asks says as whom they sign in (`as`), and how the provider is to
lie in the token (`lie`). It prints its address, and stops with its input.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, OctKey, RSAKey

SUBJECT = "00u1a2b3"
"""Who signs in."""
CLIENT, SECRET = "placet", "the secret of a client, long enough for any"


LIES: Mapping[str, Callable[[int], Mapping[str, Any]]] = {
    "issuer": lambda _: {"iss": "https://elsewhere.example"},
    "audience": lambda _: {"aud": "another client"},
    "audiences": lambda _: {"aud": [CLIENT, "another client"]},
    "party": lambda _: {"aud": [CLIENT, "another"], "azp": "another"},
    "nonce": lambda _: {"nonce": "of another session"},
    "no-nonce": lambda _: {"nonce": None},
    "expired": lambda now: {"iat": now - 900, "exp": now - 600},
    "no-exp": lambda _: {"exp": None},
    "future": lambda now: {"iat": now + 900},
    "subject": lambda _: {"sub": ""},
    "of-before": lambda now: {"auth_time": now - 3600},
    "just-before": lambda now: {"auth_time": now - 50},
    "to-come": lambda now: {"auth_time": now + 3600},
    "untimed": lambda _: {"auth_time": None},
    "in-words": lambda now: {"auth_time": f"{now}"},
}
"""What a token claims that is wrong in something; None is left out."""


class Tokens:
    """Signs ID tokens as they should be, and as they should not."""

    def __init__(self, issuer: str) -> None:
        self.issuer = issuer
        self.key = RSAKey.generate_key(2048, {"kid": "this", "use": "sig", "alg": "RS256"})
        self.elliptic = ECKey.generate_key("P-256", {"kid": "that", "use": "sig"})
        self.others = RSAKey.generate_key(2048, {"kid": "this"})

    def token(self, asked: Mapping[str, str]) -> str:
        """Return a token for who signs in, wrong in what it is asked to be wrong in."""
        now, lie = int(time.time()), asked.get("lie", "")
        claims: dict[str, Any] = {
            "iss": self.issuer,
            "aud": CLIENT,
            "sub": asked["as"],
            "nonce": asked.get("nonce", ""),
            "iat": now,
            "exp": now + 300,
            "preferred_username": asked.get("called", ""),
            "email": asked.get("email", ""),
            "email_verified": True,
            "auth_time": now if "max_age" in asked else None,
            "amr": asked.get("amr", "pwd otp mfa").split(),
            "acr": asked.get("acr"),
            **LIES.get(lie, lambda _: {})(now),
        }
        claims = {name: each for name, each in claims.items() if each is not None}
        if lie == "unsigned":
            parts = (json.dumps(each).encode() for each in ({"alg": "none"}, claims))
            return ".".join(_base64(each) for each in parts) + "."
        by: dict[str, tuple[str, Any]] = {
            "signature": ("RS256", self.others),
            "symmetric": ("HS256", OctKey.import_key(SECRET, {"kid": "this"})),
            "elliptic": ("ES256", self.elliptic),
        }
        algorithm, key = by.get(lie, ("RS256", self.key))
        return jwt.encode({"alg": algorithm, "kid": key.kid}, claims, key)


class Provider(BaseHTTPRequestHandler):
    """Answers at each of a provider's addresses."""

    tokens: Tokens
    codes: dict[str, Mapping[str, str]] = {}

    def do_GET(self) -> None:
        path, query = urlsplit(self.path).path, parse_qs(urlsplit(self.path).query)
        if path == "/.well-known/openid-configuration":
            ends = {"authorization": "authorize", "token": "token", "userinfo": "userinfo"}
            at = self.tokens.issuer
            found = {f"{name}_endpoint": f"{at}/{each}" for name, each in ends.items()}
            self.answer({"issuer": at, "jwks_uri": f"{at}/keys", **found})
        elif path == "/keys":
            keys = KeySet([self.tokens.key, self.tokens.elliptic])
            self.answer(keys.as_dict(private=False))
        elif path == "/authorize":
            self.authorize({name: values[0] for name, values in query.items()})
        else:
            self.answer({"error": "not_found"}, 404)

    def authorize(self, asked: Mapping[str, str]) -> None:
        """Give a code to whoever asks with a challenge, and send them back."""
        if asked.get("code_challenge_method") != "S256" or asked.get("client_id") != CLIENT:
            self.answer({"error": "invalid_request"}, 400)
            return
        if "as" not in asked:
            self.answer_with(_form(asked), "text/html")
            return
        back = {"state": asked.get("state", "")}
        if asked.get("lie") == "refused":
            back["error"] = "access_denied"
        else:
            back["code"] = secrets.token_urlsafe()
            self.codes[back["code"]] = asked
        self.send_response(302)
        self.send_header("Location", f"{asked['redirect_uri']}?{urlencode(back)}")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_POST(self) -> None:
        """Exchange a code, once, for the client that it was given to."""
        body = self.rfile.read(int(self.headers["content-length"])).decode()
        sent = {name: values[0] for name, values in parse_qs(body).items()}
        asked = self.codes.pop(sent.get("code", ""), None)
        challenge = _base64(hashlib.sha256(sent.get("code_verifier", "").encode()).digest())
        shown = (sent.get("client_id"), sent.get("client_secret"), sent.get("redirect_uri"))
        if (
            asked is None
            or shown != (CLIENT, SECRET, asked["redirect_uri"])
            or challenge != asked["code_challenge"]
        ):
            self.answer({"error": "invalid_grant"}, 400)
            return
        told = {"access_token": secrets.token_urlsafe(), "token_type": "Bearer"}
        if asked.get("lie") != "no-token":
            told["id_token"] = self.tokens.token(asked)
        self.answer(told)

    def answer(self, told: Any, status: int = 200) -> None:
        """Answer with JSON."""
        self.answer_with(json.dumps(told).encode(), "application/json", status)

    def answer_with(self, body: bytes, kind: str, status: int = 200) -> None:
        """Answer with whatever it is."""
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        return


def _base64(plain: bytes) -> str:
    return base64.urlsafe_b64encode(plain).decode().rstrip("=")


def _form(asked: Mapping[str, str]) -> bytes:
    """Return a page that asks a person who they are."""
    kept = (f'<input type="hidden" name="{name}" value="{each}">' for name, each in asked.items())
    who = '<label>Who are you? <input name="as"></label><button>Sign in</button>'
    page = f"<!doctype html><title>The Agency</title><form>{''.join(kept)}{who}</form>"
    return page.encode()


@contextmanager
def provider() -> Iterator[str]:
    """Run one in a process of its own, and give its address."""
    command = [sys.executable, str(Path(__file__).resolve())]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield str(process.stdout and process.stdout.readline().strip())
        finally:
            process.terminate()


def settings_for(address: str) -> dict[str, Any]:
    """Return what an administrator would put into the settings."""
    return {
        "provider_id": "agency",
        "name": "the Agency",
        "client_id": CLIENT,
        "secret": SECRET,
        "settings": {
            "server_url": address,
            "token_auth_method": "client_secret_post",
            "second_factor": {"amr": ["mfa"], "acr": ["high", "highest"]},
        },
    }


def main() -> None:
    """Serve until the input ends."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Provider)
    Provider.tokens = Tokens(f"http://localhost:{server.server_address[1]}")
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(Provider.tokens.issuer, flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()
