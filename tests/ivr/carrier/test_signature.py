"""Vectors of the carrier's documentation, and what is near them but is not genuine."""

import pytest
from werkzeug.datastructures import MultiDict

from ivr.carrier.signature import SignatureCheck

TOKEN = "12345"
DOCUMENTED = {
    "CallSid": "CA1234567890ABCDE",
    "Caller": "+14158675310",
    "Digits": "1234",
    "From": "+14158675310",
    "To": "+18005551212",
}
DOCUMENTED_SIGNATURE = "L/OH5YylLD5NRKLltdqwSvS0BnU="


def check(public_url: str = "https://example.com", stream_url: str = "wss://example.com/media") -> SignatureCheck:
    return SignatureCheck(TOKEN, public_url, stream_url)


def test_the_documented_vector() -> None:
    assert check().is_webhook_genuine("/myapp.php?foo=1&bar=2", DOCUMENTED, DOCUMENTED_SIGNATURE)


def test_repeated_fields_count_once_and_sorted_and_empty_ones_count() -> None:
    form = MultiDict([("B", "2"), ("B", "1"), ("A", ""), ("B", "2")])
    assert check().is_webhook_genuine("/v", form, "JzPDyvMGVCOSbYQIe3x2Dh813nw=")
    form.poplist("A")
    assert not check().is_webhook_genuine("/v", form, "JzPDyvMGVCOSbYQIe3x2Dh813nw=")


@pytest.mark.parametrize("public_url", ["https://example.com", "https://example.com:443", "https://example.com:8443"])
def test_over_https_the_port_does_not_count(public_url: str) -> None:
    assert check(public_url).is_webhook_genuine("/myapp.php?foo=1&bar=2", DOCUMENTED, DOCUMENTED_SIGNATURE)


@pytest.mark.parametrize(
    ("path", "form", "signature"),
    [
        ("/myapp.php?foo=1&bar=2", DOCUMENTED, ""),
        ("/myapp.php?foo=1&bar=2", DOCUMENTED, DOCUMENTED_SIGNATURE.lower()),
        ("/myapp.php?foo=1&bar=2", DOCUMENTED, DOCUMENTED_SIGNATURE + " "),
        ("/myapp.php?bar=2&foo=1", DOCUMENTED, DOCUMENTED_SIGNATURE),
        ("/myapp.php/?foo=1&bar=2", DOCUMENTED, DOCUMENTED_SIGNATURE),
        ("/myapp.php", DOCUMENTED, DOCUMENTED_SIGNATURE),
        ("/myapp.php?foo=1&bar=2", DOCUMENTED | {"Digits": "1235"}, DOCUMENTED_SIGNATURE),
        ("/myapp.php?foo=1&bar=2", DOCUMENTED | {"Digits": "1234 "}, DOCUMENTED_SIGNATURE),
        ("/myapp.php?foo=1&bar=2", DOCUMENTED | {"New": ""}, DOCUMENTED_SIGNATURE),
        ("/myapp.php?foo=1&bar=2", {}, DOCUMENTED_SIGNATURE),
    ],
)
def test_what_was_changed_on_the_way_is_not_genuine(path: str, form: dict[str, str], signature: str) -> None:
    """New fields are forged only by who does not sign them: an empty one has no value but has a name."""
    assert not check().is_webhook_genuine(path, form, signature)


def test_another_scheme_or_host_is_not_genuine() -> None:
    for public_url in ("http://example.com", "https://example.org"):
        assert not check(public_url).is_webhook_genuine("/myapp.php?foo=1&bar=2", DOCUMENTED, DOCUMENTED_SIGNATURE)


WITHOUT_SLASH, WITH_SLASH = "7PR3qMkpDyEJtMrVOY/LDyNq8J8=", "T+WBXwUXC0/CyoZ1DA+p9ilZORs="


def test_a_handshake_is_signed_with_scheme_wss() -> None:
    """With a slash at the end too: the carrier's own advice. Nothing else."""
    handshake = check()
    assert handshake.is_handshake_genuine(WITHOUT_SLASH)
    assert handshake.is_handshake_genuine(WITH_SLASH)
    for signature in ("", "x", DOCUMENTED_SIGNATURE, WITH_SLASH[:-1]):
        assert not handshake.is_handshake_genuine(signature)


def test_the_handshake_of_another_address_is_not_genuine() -> None:
    assert not check(stream_url="wss://example.com/media/more").is_handshake_genuine(WITHOUT_SLASH)
