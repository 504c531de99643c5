"""A directory of the tests' own: real keys, real HTTP on this machine, and whatever token a test wants it to give."""

from __future__ import annotations

import json
import time
from base64 import urlsafe_b64encode
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qs, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.algorithms import RSAAlgorithm

CLIENT_ID, CLIENT_SECRET = "tenfold-here", "a-secret-of-the-tests"


class IdentityProvider:
    """Speaks as much OpenID Connect as a sign-in needs. ``give`` says what the next token is."""

    def __init__(self) -> None:
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.other_key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.token = ""
        self.asked: list[dict[str, str]] = []
        self.sends_on_to = ""
        """Where it sends whoever asks for its keys, if anywhere."""
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *_args) -> None:
                pass

            def do_GET(self) -> None:
                self._answer(provider.document() if "openid-configuration" in self.path else provider.keys())

            def do_POST(self) -> None:
                sent = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
                provider.asked.append({name: values[0] for name, values in sent.items()})
                self._answer({"access_token": "unused", "token_type": "Bearer", "id_token": provider.token})

            def _answer(self, body: object) -> None:
                if provider.sends_on_to and self.path == "/keys":
                    self.send_response(302)
                    self.send_header("Location", provider.sends_on_to)
                    self.end_headers()
                    return
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.end_headers()
                self.wfile.write(json.dumps(body).encode())

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.issuer = f"http://127.0.0.1:{self.server.server_port}"
        self.said_issuer = self.issuer
        Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def document(self) -> dict[str, object]:
        return {
            "issuer": self.said_issuer,
            "authorization_endpoint": f"{self.issuer}/authorise",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
        }

    def keys(self) -> dict[str, object]:
        own = json.loads(RSAAlgorithm.to_jwk(self.key.public_key()))
        return {"keys": [own | {"kid": "one", "use": "sig", "alg": "RS256"}]}

    def settings(self, **more: object) -> dict[str, object]:
        known = {"code": "nhsmail", "name": "NHSmail", "issuer": self.issuer, "client_id": CLIENT_ID}
        return known | {"client_secret": CLIENT_SECRET} | more

    def claims(self, nonce: str, /, **changes: object) -> dict[str, object]:
        """What a good token says, with changes; a change to None leaves the claim out."""
        now = int(time.time())
        good = {"iss": self.issuer, "aud": CLIENT_ID, "sub": "subject-1", "iat": now, "exp": now + 300, "nonce": nonce}
        return {name: value for name, value in (good | changes).items() if value is not None}

    def sign(self, claims: dict[str, object], *, key: object = None, alg: str = "RS256", kid: str | None = "one") -> str:
        return jwt.encode(claims, key or self.key, algorithm=alg, headers={"kid": kid} if kid else {})

    def public_pem(self) -> bytes:
        return self.key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def by_hand(header: dict[str, object], claims: dict[str, object], signature: bytes = b"") -> str:
    """A token that no library would make."""
    parts = [json.dumps(header).encode(), json.dumps(claims).encode(), signature]
    return ".".join(urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)


def challenge_of(verifier: str) -> str:
    return urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def sent_along(response) -> dict[str, str]:
    """What the browser carries to the directory."""
    return {name: values[0] for name, values in parse_qs(urlsplit(response.url).query).items()}
