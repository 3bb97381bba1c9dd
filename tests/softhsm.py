"""A real PKCS#11 module: SoftHSM 2, with a token of its own in a folder."""

import os
import shutil
import subprocess
from pathlib import Path

import pkcs11
import pytest

from tests.conftest import SERVERS_REQUIRED

PIN = "4321"
LABEL = "De kluis"


def find_module() -> Path:
    """Skips where there is none, or fails where the servers have to be there."""
    places = [*Path("/usr/lib").glob("**/libsofthsm2.so"), *Path("/usr/local/lib").glob("**/libsofthsm2.so")]
    if places and shutil.which("softhsm2-util"):
        return places[0]
    reason = "no SoftHSM on this machine (Debian: apt install softhsm2)"
    if SERVERS_REQUIRED:
        pytest.fail(reason)
    pytest.skip(reason)


def make_token(folder: Path, module: Path) -> None:
    """With two AES-256 keys, `opnamen` and `later`, and one that is too short, `kort`.

    The module reads the environment once for each process: all tokens of a test run lie in one folder.
    """
    (folder / "tokens").mkdir()
    config = folder / "softhsm2.conf"
    config.write_text(f"directories.tokendir = {folder}/tokens\nobjectstore.backend = file\n", encoding="utf-8")
    os.environ["SOFTHSM2_CONF"] = str(config)
    subprocess.run(
        ["softhsm2-util", "--init-token", "--free", "--label", LABEL, "--so-pin", "87654321", "--pin", PIN],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    with pkcs11.lib(str(module)).get_token(token_label=LABEL).open(rw=True, user_pin=PIN) as session:
        for number, (label, bits) in enumerate([("opnamen", 256), ("later", 256), ("kort", 128)]):
            session.generate_key(pkcs11.KeyType.AES, bits, label=label, id=bytes([number]), store=True)
