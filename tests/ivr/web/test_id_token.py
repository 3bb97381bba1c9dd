"""What an ID token must be: the service's, for us, of now, and signed with a key that only the service has."""

from datetime import UTC, datetime
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet, OctKey, RSAKey

from config.settings import OidcClient
from ivr.web.sign_in.provider import LONGEST_SUBJECT, NotVouched, check_id_token, find_claim

ISSUER = "https://inloggen.voorbeeld.example"
CLIENT = OidcClient(ISSUER, "spelregel", "een geheim dat lang genoeg is voor HMAC", acr="hoog")
NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
NOW_S = int(NOW.timestamp())
KEY = RSAKey.generate_key(2048, {"kid": "one"})
OTHERS = RSAKey.generate_key(2048, {"kid": "one"})
KEYS = KeySet([RSAKey.import_key(KEY.as_dict(private=False))])
GOOD: dict[str, Any] = {
    "iss": ISSUER,
    "aud": "spelregel",
    "sub": "a1",
    "exp": NOW_S + 60,
    "iat": NOW_S,
    "acr": "hoog",
    "nonce": "n",
}


def token(claims: dict[str, Any], key: Any = KEY, alg: str = "RS256") -> str:
    return jwt.encode({"alg": alg, "kid": "one"}, claims, key, algorithms=[alg])


def check(written: str) -> Any:
    return check_id_token(written, KEYS, ISSUER, CLIENT, NOW)


def test_a_good_token_is_believed() -> None:
    assert check(token(GOOD))["sub"] == "a1"
    assert check(token({**GOOD, "aud": ["spelregel", "iets"], "azp": "spelregel"}))["sub"] == "a1"
    assert check(token({**GOOD, "exp": NOW_S - 30, "iat": NOW_S + 30}))["sub"] == "a1"


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "https://elsewhere.example"},
        {"iss": None},
        {"aud": "another"},
        {"aud": ["another", "one"]},
        {"aud": None},
        {"azp": "another"},
        {"exp": NOW_S - 61},
        {"exp": str(NOW_S + 60)},
        {"exp": None},
        {"exp": True},
        {"iat": NOW_S + 120},
        {"iat": None},
        {"nbf": NOW_S + 120},
        {"sub": ""},
        {"sub": 123456782},
        {"sub": "x" * (LONGEST_SUBJECT + 1)},
        {"acr": "laag"},
        {"acr": None},
    ],
)
def test_a_claim_that_does_not_fit_is_refused(changes: dict[str, Any]) -> None:
    claims = {name: value for name, value in {**GOOD, **changes}.items() if value is not None}
    with pytest.raises(NotVouched, match=next(iter(changes))):
        check(token(claims))


def test_a_token_for_several_says_for_whom_it_was_made() -> None:
    with pytest.raises(NotVouched, match="azp"):
        check(token({**GOOD, "aud": ["spelregel", "another"]}))


def test_a_token_of_somebody_elses_making_is_refused() -> None:
    forged = [
        token(GOOD, OTHERS),
        token(GOOD, OctKey.import_key(CLIENT.client_secret), "HS256"),
        token(GOOD).rsplit(".", 1)[0] + ".",
        "eyJhbGciOiJub25lIn0." + token(GOOD).split(".")[1] + ".",
        "",
        "x.y.z",
        "x" * 10_000,
    ]
    for written in forged:
        with pytest.raises(NotVouched):
            check(written)


def test_a_claim_may_lie_in_another() -> None:
    claims = {"realm_access": {"roles": ["a"]}, "https://voorbeeld.example/roles": ["b"], "x": "y"}
    assert find_claim(claims, "realm_access.roles") == ["a"]
    assert find_claim(claims, "https://voorbeeld.example/roles") == ["b"]
    assert find_claim(claims, "realm_access.none") is None
    assert find_claim(claims, "x.y") is None
