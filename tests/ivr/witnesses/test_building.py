"""From addresses in the environment to witnesses."""

import base64
from pathlib import Path

import pytest

from config import settings
from config.settings import SettingsError
from ivr.witnesses.building import build_witnesses
from ivr.witnesses.cosigner import Cosigner
from ivr.witnesses.folder import Folder
from ivr.witnesses.mail import Mail
from ivr.witnesses.poster import Poster
from ivr.witnesses.time_stamp import TimeStamper
from tests.builders import SetClock, environment
from tests.ivr.witnesses.outsiders import OpensslAuthority, OutsideWitness
from tests.ivr.witnesses.submitting import ORIGIN, SIGNER, SmallLog
from tests.ivr.witnesses.test_mail import Mailbox, mail_server


def load(folder: Path, addresses: str, **more: str) -> settings.Settings:
    return settings.load(environment(folder, SPELREGEL_WITNESSES=addresses, **more))


def test_each_address_becomes_its_witness(tmp_path: Path) -> None:
    authority = OpensslAuthority(tmp_path / "authority")
    vkey = OutsideWitness("w.test", ORIGIN, b"").vkey
    addresses = (
        f"mailto:fg@agency.test file://{tmp_path} https://keeper.test/ witness+https://w.test/#{vkey} "
        f"tsa+https://tsa.test/#{authority.pinned}"
    )
    more = {"SPELREGEL_SMTP_URL": "smtps://mail.test", "SPELREGEL_MAIL_FROM": "logboek@agency.test"}
    built = build_witnesses(load(tmp_path, addresses, **more), [SIGNER.key], SetClock())
    assert [type(one) for one in built] == [Mail, Folder, Poster, Cosigner, TimeStamper]
    assert [one.name for one in built] == [
        "mailto:fg@agency.test",
        f"file://{tmp_path}",
        "https://keeper.test",
        "witness+https://w.test",
        "tsa+https://tsa.test",
    ]


def test_a_mail_goes_as_the_settings_say(tmp_path: Path) -> None:
    mailbox = Mailbox()
    with mail_server(mailbox) as server:
        loaded = load(
            tmp_path,
            "mailto:fg@agency.test",
            SPELREGEL_SMTP_URL=f"smtp://{server.host}:{server.port}",
            SPELREGEL_MAIL_FROM="logboek@agency.test",
        )
        (witness,) = build_witnesses(loaded, [SIGNER.key], SetClock())
        witness.deliver(SmallLog(5).submission())
    (message,) = mailbox.got
    assert (message["From"], message["To"]) == ("logboek@agency.test", "fg@agency.test")


@pytest.mark.parametrize(
    ("address", "told"),
    [
        (
            f"witness+https://w.test/#w.test+00000000+{base64.b64encode(bytes(33)).decode()}",
            "the key id does not belong",
        ),
        (f"witness+https://w.test/#{SIGNER.key.vkey()}", "not a witness's key"),
        ("tsa+https://tsa.test/#/nowhere/tsa.pem", "No such file"),
        ("tsa+https://tsa.test/#/etc/hostname", "tsa\\+https://tsa.test: "),
    ],
)
def test_a_key_or_certificate_that_is_none_is_named(tmp_path: Path, address: str, told: str) -> None:
    with pytest.raises(SettingsError, match=f"SPELREGEL_WITNESSES .*{told}"):
        build_witnesses(load(tmp_path, address), [SIGNER.key], SetClock())
