"""Where checkpoints go: every form of address, and wrong ones, which are named without showing what they hold."""

from datetime import timedelta

import pytest

from config.settings import SettingsError, load
from config.witness_addresses import (
    MailServer,
    WitnessAddress,
    WitnessKind,
    mail_server,
    pace,
    witness_addresses,
)
from tests.config.test_settings import PRODUCTION

VKEY = "witness.example/w1+8d66cf3f+BAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8g"
SECRET = "token-that-nobody-sees"


def test_every_form_is_understood() -> None:
    text = f"""mailto:fg@voorbeeld.nl file:///mnt/other%20disk/checkpoints https://keeper.example
        witness+https://witness.example:8443/log/#{VKEY} tsa+https://tsa.example/tsr#/etc/spelregel/tsa.pem"""
    mail, folder, post, cosigner, stamps = witness_addresses(text)
    assert mail == WitnessAddress(WitnessKind.MAIL, "mailto:fg@voorbeeld.nl", "fg@voorbeeld.nl")
    assert (folder.kind, folder.target) == (WitnessKind.FOLDER, "/mnt/other disk/checkpoints")
    assert post == WitnessAddress(WitnessKind.POST, "https://keeper.example", "https://keeper.example")
    assert (cosigner.kind, cosigner.target) == (WitnessKind.COSIGNER, "https://witness.example:8443/log/")
    assert cosigner.pinned == VKEY
    assert cosigner.name.startswith("witness+https://witness.example:8443/~")
    assert (stamps.kind, stamps.target) == (WitnessKind.TIME_STAMP, "https://tsa.example/tsr")
    assert stamps.pinned == "/etc/spelregel/tsa.pem"


def test_what_may_be_secret_stands_in_no_name_and_no_repr() -> None:
    addresses = witness_addresses(
        f"https://keeper.example/{SECRET} https://user:{SECRET}@keeper.example https://keeper.example/?key={SECRET}"
    )
    assert len({address.name for address in addresses}) == 3
    assert SECRET not in repr(addresses)
    assert all(SECRET in address.target for address in addresses)
    assert SECRET not in repr(mail_server(f"smtps://user:{SECRET}@mail.example"))


@pytest.mark.parametrize(
    "word",
    [
        SECRET,
        f"http://keeper.example/{SECRET}",
        f"ftp://keeper.example/{SECRET}",
        f"https://keeper.example/{SECRET}#more",
        f"https:///{SECRET}",
        f"https://keeper.example:{SECRET}/",
        f"mailto:{SECRET}",
        f"mailto:fg@voorbeeld.nl?subject={SECRET}",
        f"file://server/{SECRET}",
        f"file:{SECRET}",
        "file:///",
        f"witness+https://witness.example/{SECRET}",
        f"witness+https://witness.example/#{SECRET}",
        f"witness+http://witness.example/#{VKEY}",
        f"tsa+https://tsa.example/{SECRET}",
        f"tsa+https://tsa.example/#{SECRET}",
        f"mailto+https://keeper.example/{SECRET}",
        f"blockchain+https://keeper.example/{SECRET}",
        f"https://keeper.example/{SECRET} https://keeper.example/{SECRET}",
    ],
)
def test_a_wrong_address_is_refused_and_not_shown(word: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load(PRODUCTION | {"SPELREGEL_WITNESSES": word})
    assert "SPELREGEL_WITNESSES must" in str(caught.value)
    assert SECRET not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_on_this_machine_itself_a_witness_needs_no_tls() -> None:
    (address,) = witness_addresses("http://127.0.0.1:8080/checkpoints")
    assert address.target == "http://127.0.0.1:8080/checkpoints"


def test_e_mail_needs_a_server_and_a_sender() -> None:
    with pytest.raises(SettingsError) as caught:
        load(PRODUCTION | {"SPELREGEL_WITNESSES": "mailto:fg@voorbeeld.nl"})
    assert "SPELREGEL_SMTP_URL is missing" in str(caught.value)
    assert "SPELREGEL_MAIL_FROM is missing" in str(caught.value)
    more = {"SPELREGEL_SMTP_URL": "smtps://mail.voorbeeld.nl", "SPELREGEL_MAIL_FROM": "logboek@voorbeeld.nl"}
    settings = load(PRODUCTION | more | {"SPELREGEL_WITNESSES": "mailto:fg@voorbeeld.nl"})
    assert settings.mail_server == MailServer("mail.voorbeeld.nl", 465, tls=True)


def test_a_mail_server_has_the_usual_ports_and_a_password_may_hold_anything() -> None:
    assert mail_server("smtp://mail.voorbeeld.nl") == MailServer("mail.voorbeeld.nl", 587, tls=False)
    found = mail_server("smtps://a%40b:p%3A%2F%23@mail.voorbeeld.nl:2465")
    assert found == MailServer("mail.voorbeeld.nl", 2465, tls=True, user="a@b", password="p:/#")
    assert mail_server("smtp://127.0.0.1:25").local
    assert not found.local


@pytest.mark.parametrize(
    "text", ["mail.voorbeeld.nl", "http://mail.voorbeeld.nl", "smtp://", "smtp://mail:x", "smtp://mail/inbox"]
)
def test_a_wrong_mail_server_is_refused(text: str) -> None:
    with pytest.raises(SettingsError, match="SPELREGEL_SMTP_URL must be like"):
        load(PRODUCTION | {"SPELREGEL_SMTP_URL": text})


@pytest.mark.parametrize("text", ["logboek", "logboek@", "a b@voorbeeld.nl", "a@voorbeeld.nl\r\nBcc: b@c.nl"])
def test_a_wrong_sender_is_refused(text: str) -> None:
    with pytest.raises(SettingsError, match="SPELREGEL_MAIL_FROM must be an e-mail address"):
        load(PRODUCTION | {"SPELREGEL_MAIL_FROM": text})


def test_the_pace_is_minutes() -> None:
    assert load(PRODUCTION).checkpoint_every == timedelta(hours=1)
    assert pace("1440") == timedelta(days=1)
    for text in ("0", "1441", "-1", "1.5", "x", "99999"):
        with pytest.raises(SettingsError, match="SPELREGEL_CHECKPOINT_EVERY must be a number of minutes"):
            load(PRODUCTION | {"SPELREGEL_CHECKPOINT_EVERY": text})
