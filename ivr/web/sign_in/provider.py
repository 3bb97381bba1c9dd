"""The agency's own sign-in service, spoken to in OpenID Connect: code flow with PKCE, state and nonce."""

import json
import logging
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.requests_client import OAuth2Session
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from config.settings import OidcClient
from ivr.errors import SpelregelError
from ivr.ports import Clock

TIMEOUT_S = 5
METADATA_LASTS = timedelta(hours=1)
LEEWAY_S = 60
ALGORITHMS = ["RS256", "PS256", "ES256", "RS384", "RS512", "PS384", "PS512", "ES384", "ES512"]
"""Signed with a key of the provider's own; never `none`, and never HS*, which our own secret would sign."""

LONGEST_SUBJECT = 255
"""OpenID Connect Core 1.0, section 2."""

log = logging.getLogger(__name__)


class ProviderDown(SpelregelError):
    """The sign-in service does not answer, or not as one."""


class NotVouched(SpelregelError):
    """The sign-in service did not vouch for who came back, or it is not to be believed."""


@dataclass(frozen=True, slots=True)
class Pending:
    """A sign-in that was begun: what the answer must fit, and where to go then."""

    state: str
    nonce: str
    verifier: str
    target: str
    began_s: int

    def as_bytes(self) -> bytes:
        return json.dumps(asdict(self)).encode()

    @classmethod
    def of_bytes(cls, written: bytes) -> "Pending":
        return cls(**json.loads(written))


@dataclass(frozen=True, slots=True)
class Vouched:
    """Who came back: `subject` is the service's address and its own id of them."""

    subject: str
    name: str
    roles: tuple[str, ...]
    id_token: str


@dataclass(frozen=True, slots=True)
class Metadata:
    """What the service says of itself (OpenID Connect Discovery 1.0)."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str | None
    end_session_endpoint: str | None
    by_basic: bool
    read_at: datetime


class Provider:
    """`redirect_uri` is registered there exactly as it is."""

    def __init__(self, client: OidcClient, redirect_uri: str, clock: Clock) -> None:
        self._client = client
        self._redirect_uri = redirect_uri
        self._clock = clock
        self._known: Metadata | None = None

    def begin(self, target: str) -> tuple[str, Pending]:
        """Where the browser goes, and what to hold its return against. Raises `ProviderDown`."""
        metadata = self._metadata()
        now_s = int(self._clock.now().timestamp())
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        pending = Pending(state, nonce, verifier, target, now_s)
        extra = {} if self._client.acr is None else {"acr_values": self._client.acr}
        with self._session(metadata) as session:
            address, _ = session.create_authorization_url(
                metadata.authorization_endpoint, state=state, nonce=nonce, code_verifier=verifier, **extra
            )
        return str(address), pending

    def finish(self, pending: Pending, answer: Mapping[str, str]) -> Vouched:
        """Raises `NotVouched` and `ProviderDown`."""
        metadata = self._metadata()
        if not secrets.compare_digest(answer.get("state", "").encode(), pending.state.encode()):
            raise NotVouched("the answer belongs to another sign-in")
        if answer.get("iss", metadata.issuer) != metadata.issuer:
            raise NotVouched("the answer comes from another service")  # RFC 9207
        if "code" not in answer:
            raise NotVouched("the service refused")
        with self._session(metadata) as session:
            tokens = self._tokens(session, metadata, pending, answer["code"])
            id_token = str(tokens.get("id_token", ""))
            claims = check_id_token(id_token, self._keys(metadata), metadata.issuer, self._client, self._clock.now())
            if not secrets.compare_digest(str(claims.get("nonce", "")).encode(), pending.nonce.encode()):
                raise NotVouched("the token belongs to another sign-in")
            known = dict(claims)
            wanted = (self._client.roles_claim, self._client.name_claim)
            if metadata.userinfo_endpoint and any(find_claim(claims, name) is None for name in wanted):
                known = {**self._userinfo(metadata.userinfo_endpoint, tokens, claims["sub"]), **claims}
        name = find_claim(known, self._client.name_claim)
        return Vouched(
            f"{metadata.issuer} {claims['sub']}",
            name if isinstance(name, str) else "",
            _texts(find_claim(known, self._client.roles_claim)),
            id_token,
        )

    def end_session_address(self, id_token: str, back: str) -> str | None:
        """Where one signs out of the service too (RP-Initiated Logout 1.0); None where that cannot be."""
        try:
            endpoint = self._metadata().end_session_endpoint
        except ProviderDown:
            return None
        if endpoint is None:
            return None
        query = {"id_token_hint": id_token, "client_id": self._client.client_id, "post_logout_redirect_uri": back}
        return f"{endpoint}{'&' if urlsplit(endpoint).query else '?'}{urlencode(query)}"

    # ------------------------------------------------------------ asking the service

    def _session(self, metadata: Metadata) -> OAuth2Session:
        return OAuth2Session(
            self._client.client_id,
            self._client.client_secret,
            token_endpoint_auth_method="client_secret_basic" if metadata.by_basic else "client_secret_post",
            scope=self._client.scope,
            redirect_uri=self._redirect_uri,
            code_challenge_method="S256",
            default_timeout=TIMEOUT_S,
        )

    def _tokens(self, session: OAuth2Session, metadata: Metadata, pending: Pending, code: str) -> Mapping[str, Any]:
        try:
            tokens = session.fetch_token(
                metadata.token_endpoint,
                grant_type="authorization_code",
                code=code,
                code_verifier=pending.verifier,
                allow_redirects=False,
            )
        except AuthlibBaseError as refused:
            raise NotVouched(f"the service refused the code: {refused.error}") from None
        except (requests.RequestException, ValueError) as fault:
            raise ProviderDown(f"no token came: {type(fault).__name__}") from fault
        if not isinstance(tokens, Mapping):
            raise ProviderDown("what came is no token")
        return tokens

    def _userinfo(self, endpoint: str, tokens: Mapping[str, Any], subject: str) -> dict[str, Any]:
        """Raises `NotVouched` for what is said of somebody else (OpenID Connect Core 1.0, section 5.3.2)."""
        said = _fetch(endpoint, {"Authorization": f"Bearer {tokens.get('access_token', '')}"})
        if said.get("sub") != subject:
            raise NotVouched("what is told is about somebody else")
        return said

    def _metadata(self) -> Metadata:
        now = self._clock.now()
        if self._known is None or self._known.read_at + METADATA_LASTS <= now:
            self._known = self._read_metadata(now)
        return self._known

    def _read_metadata(self, now: datetime) -> Metadata:
        said = _fetch(f"{self._client.issuer}/.well-known/openid-configuration")
        issuer = str(said.get("issuer", ""))
        if issuer.rstrip("/") != self._client.issuer:
            raise ProviderDown("the service calls itself otherwise than OIDC_ISSUER does")

        def endpoint(name: str) -> str | None:
            """As secret as the service's own address is."""
            address = said.get(name)
            if not isinstance(address, str) or urlsplit(address).scheme != urlsplit(issuer).scheme:
                return None
            return address

        authorization, token, jwks = map(endpoint, ("authorization_endpoint", "token_endpoint", "jwks_uri"))
        if authorization is None or token is None or jwks is None:
            raise ProviderDown("the service does not say where to sign in")
        ways = said.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        by_basic = "client_secret_basic" in ways
        userinfo, end_session = endpoint("userinfo_endpoint"), endpoint("end_session_endpoint")
        return Metadata(issuer, authorization, token, jwks, userinfo, end_session, by_basic, now)

    def _keys(self, metadata: Metadata) -> KeySet:
        """Read at each sign-in: keys are changed, and nobody signs in every second."""
        try:
            return KeySet.import_key_set(_fetch(metadata.jwks_uri))  # type: ignore[arg-type]
        except (JoseError, ValueError, KeyError) as fault:
            raise ProviderDown("the service's keys cannot be used") from fault


def check_id_token(id_token: str, keys: KeySet, issuer: str, client: OidcClient, now: datetime) -> Mapping[str, Any]:
    """The claims of a token that is the service's, for us, and of now (OpenID Connect Core 1.0, section 3.1.3.7).

    Raises `NotVouched`. Whether its nonce is ours is for the caller to say.
    """
    try:
        claims = jwt.decode(id_token, keys, algorithms=ALGORITHMS).claims
    except (JoseError, ValueError) as fault:
        raise NotVouched(f"the token is not signed by the service: {type(fault).__name__}") from None
    audience = claims.get("aud")
    audiences = audience if isinstance(audience, list) else [audience]
    now_s = now.timestamp()
    faults = {
        "iss": claims.get("iss") != issuer,
        "aud": client.client_id not in audiences,
        "azp": claims.get("azp", client.client_id) != client.client_id or (len(audiences) > 1 and "azp" not in claims),
        "exp": not _is_time(claims.get("exp")) or claims["exp"] + LEEWAY_S <= now_s,
        "iat": not _is_time(claims.get("iat")) or claims["iat"] - LEEWAY_S > now_s,
        "nbf": "nbf" in claims and (not _is_time(claims["nbf"]) or claims["nbf"] - LEEWAY_S > now_s),
        "sub": not isinstance(claims.get("sub"), str) or not 0 < len(claims["sub"]) <= LONGEST_SUBJECT,
        "acr": client.acr is not None and claims.get("acr") != client.acr,
    }
    wrong = [name for name, is_wrong in faults.items() if is_wrong]
    if wrong:
        raise NotVouched(f"the token's {', '.join(wrong)} cannot be accepted")
    return claims


def find_claim(claims: Mapping[str, Any], path: str) -> Any:
    """By its name, or by names with dots between them where one lies in another: `realm_access.roles`."""
    if path in claims:
        return claims[path]
    found: Any = claims
    for name in path.split("."):
        if not isinstance(found, Mapping) or name not in found:
            return None
        found = found[name]
    return found


def _is_time(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _texts(value: object) -> tuple[str, ...]:
    values = value if isinstance(value, list) else [value]
    return tuple(one for one in values if isinstance(one, str))


def _fetch(address: str, headers: Mapping[str, str] | None = None) -> dict[str, Any]:
    try:
        answer = requests.get(address, headers=headers, timeout=TIMEOUT_S, allow_redirects=False)
        answer.raise_for_status()
        said = answer.json()
    except (requests.RequestException, ValueError) as fault:
        raise ProviderDown(f"the service does not answer: {type(fault).__name__}") from fault
    if answer.status_code != requests.codes.ok or not isinstance(said, dict):
        raise ProviderDown("the service does not answer as it should")
    return said
