"""What the doctor says of the agency's certificate, in time and in plain words."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from ivr.doctor import Trouble
from tests.builders import House
from tests.certificates import DAY, Authority, Files


def told(house: House, files: Files | None) -> list[str]:
    certificate = None if files is None else files.load()
    house.wiring.settings = replace(house.wiring.settings, certificate=certificate)
    vars(house.wiring).pop("doctor", None)
    about = {Trouble.NO_CERTIFICATE, Trouble.CERTIFICATE_ENDS, Trouble.CERTIFICATE_OVER}
    return [str(one) for one in house.wiring.doctor.examine() if one.trouble in about]


def test_without_a_certificate_copies_go_out_unsigned(house: House) -> None:
    assert told(house, None) == ["SPELREGEL_CERTIFICATE is not set: copies and exports go out unsigned"]


def test_a_good_certificate_gives_nothing_to_say(house: House, tmp_path: Path) -> None:
    assert not told(house, Authority(tmp_path).issue())


def test_a_month_before_its_end_the_doctor_warns(house: House, tmp_path: Path) -> None:
    files = Authority(tmp_path).issue()
    ends = files.load().valid_until
    house.clock.at = ends - 31 * DAY
    assert not told(house, files)
    house.clock.at = ends - 29 * DAY
    assert told(house, files) == [f"the agency's certificate ends on {ends:%Y-%m-%d}: get a new one in time"]


def test_one_that_is_over_or_not_yet_good_is_named(house: House, tmp_path: Path) -> None:
    files = Authority(tmp_path).issue()
    known = files.load()
    for moment in (known.valid_from - timedelta(seconds=1), known.valid_until + timedelta(seconds=1)):
        house.clock.at = moment
        [complaint] = told(house, files)
        assert complaint.endswith("copies go out unsigned")
        assert f"{known.valid_until:%Y-%m-%d}" in complaint
