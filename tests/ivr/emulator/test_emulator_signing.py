"""The signature and the connection overrides, against published vectors and Twilio's own validator."""

import hashlib

import pytest
from twilio.request_validator import RequestValidator

from ivr.emulator.webhooks import FetchFailed, is_loopback, loopback_target, read_overrides, sign

TOKEN = "12345"


def test_form_post_matches_the_documented_vector() -> None:
    fields = {
        "CallSid": "CA1234567890ABCDE",
        "Caller": "+14158675310",
        "Digits": "1234",
        "From": "+14158675310",
        "To": "+18005551212",
    }
    assert sign("https://example.com/myapp.php?foo=1&bar=2", fields, TOKEN) == "L/OH5YylLD5NRKLltdqwSvS0BnU="


@pytest.mark.parametrize(
    ("url", "signature"),
    [
        ("wss://example.com/media", "7PR3qMkpDyEJtMrVOY/LDyNq8J8="),
        ("wss://example.com/media/", "T+WBXwUXC0/CyoZ1DA+p9ilZORs="),
    ],
)
def test_websocket_vectors(url: str, signature: str) -> None:
    assert sign(url, {}, TOKEN) == signature


def test_repeated_and_empty_fields_vector() -> None:
    assert sign("https://example.com/v", {"B": ["2", "1", "2"], "A": ""}, TOKEN) == "JzPDyvMGVCOSbYQIe3x2Dh813nw="


def test_json_body_is_signed_by_its_digest_in_the_url() -> None:
    body = '{"CallSid":"CA1234567890ABCDE","Caller":"+12349013030"}'
    digest = hashlib.sha256(body.encode()).hexdigest()
    assert digest == "5ccde7145dfb8f56479710896586cb9d5911809d83afbe34627818790db0aec9"
    url = f"https://example.com/v?bodySHA256={digest}"
    assert RequestValidator(TOKEN).validate(url, body, sign(url, {}, TOKEN))


def test_port_counts_over_http_only_and_user_info_and_fragment_never() -> None:
    bare = sign("https://example.com/v", {}, TOKEN)
    assert sign("https://user:word@example.com:8443/v#rc=2", {}, TOKEN) == bare
    assert sign("https://example.com:8443/v", {}, TOKEN, keep_port=True) != bare
    assert sign("http://example.com:8080/v", {}, TOKEN) != sign("http://example.com/v", {}, TOKEN)


def test_values_are_signed_untrimmed() -> None:
    assert sign("https://example.com/v", {"A": " x "}, TOKEN) != sign("https://example.com/v", {"A": "x"}, TOKEN)


def test_overrides_default_to_one_retry_of_a_failed_connection_in_15_s() -> None:
    overrides = read_overrides("http://127.0.0.1/voice")
    assert (overrides.retries, overrides.total_s, overrides.connect_s) == (1, 15, 5)
    assert overrides.allows_retry("ct")
    assert not overrides.allows_retry("5xx")


def test_overrides_are_read_from_the_fragment() -> None:
    overrides = read_overrides("http://127.0.0.1/voice#rc=2&rp=ct,5xx&tt=900&ct=100&rt=200&e=dublin")
    assert (overrides.retries, overrides.total_s, overrides.connect_s, overrides.read_s) == (2, 0.9, 0.1, 0.2)
    assert overrides.allows_retry("5xx")
    assert not overrides.allows_retry("4xx")


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.9.9.9", "::1"])
def test_loopback_hosts(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize(
    "url", ["http://example.com/", "http://10.0.0.1/", "http://127.0.0.1.example.com/", "http:///"]
)
def test_nothing_beyond_loopback_is_reached(url: str) -> None:
    with pytest.raises(FetchFailed, match="11210"):
        loopback_target(url, "http")


def test_tls_is_not_spoken_on_loopback() -> None:
    assert str(loopback_target("wss://127.0.0.1:81/media#x", "ws")) == "ws://127.0.0.1:81/media"
