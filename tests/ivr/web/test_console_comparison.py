"""The comparison on the page of a copy: verdict, table and picture, and both recordings for who may listen."""

import re
from dataclasses import replace
from xml.etree import ElementTree

import pytest

from config.policy import Role
from ivr.calls.jobs import JobKind
from ivr.cases.acts import MisuseReported
from ivr.cases.case import Misuse, NotCompared, State
from speech.comparison.report import Damage
from speech.comparison.result import EditKind
from tests.builders import House
from tests.ivr.uploads.asking import PAGE, Sender, case_record
from tests.ivr.uploads.comparing import COPY, EDIT, RECORDING, REPORT, SetComparer, collected, handed_in
from tests.ivr.web.console_cases import Office
from tests.ivr.web.forms import form_to

pytestmark = pytest.mark.asked

BLAME = re.compile(r"geknipt|geplakt|vervals|bedrog|manipul|gelogen|fraude", re.IGNORECASE)


@pytest.fixture
def office(house: House) -> Office:
    return Office(house)


def both_there(house: House) -> None:
    """Our recording and the copy."""
    collected(house)
    handed_in(house)


def page_of(office: Office, role: Role = Role.SUPERVISOR) -> str:
    return office.page(role, f"/{case_record(office.house).case_id}")


def section(page: str) -> str:
    """What the page says of the comparison."""
    return page[
        page.index('aria-labelledby="vergelijking"') : page.index("</section>", page.index('id="vergelijking"'))
    ]


def compared(office: Office) -> str:
    both_there(office.house)
    office.house.run_jobs(JobKind.COMPARE_COPY)
    return page_of(office)


def test_before_a_copy_is_there_nothing_is_said_of_a_comparison(office: Office) -> None:
    assert 'id="vergelijking"' not in page_of(office)


def test_while_it_waits_the_page_says_so(office: Office) -> None:
    both_there(office.house)
    assert "Wij vergelijken de kopie" in section(page_of(office))


@pytest.mark.parametrize(
    ("why", "words"),
    [
        (NotCompared.NO_RECORDING, "Er is geen opname van ons"),
        (NotCompared.UNREADABLE, "niet te lezen als geluid"),
        (NotCompared.TOO_LONG, "langer dan 3 uur"),
        (NotCompared.FAILED, "Het vergelijken is niet gelukt"),
    ],
)
def test_where_it_cannot_be_the_page_says_why(office: Office, why: NotCompared, words: str) -> None:
    both_there(office.house)
    record = case_record(office.house)
    with office.house.wiring.database.transaction() as unit:
        document = record.document.replace('"not_compared":null', f'"not_compared":"{why}"')
        assert document != record.document
        unit.cases.save(replace(record, document=document))
    assert words in section(page_of(office))


def test_what_was_found_stands_there_in_words_in_a_table_and_in_a_picture(
    office: Office, comparer: SetComparer
) -> None:
    told = section(compared(office))
    assert "De kopie mist een stuk. Dat stuk staat wel op onze opname." in told
    assert "Een verschil zegt niet wie het maakte, of waarom." in told
    row = told[told.index("<tbody>") : told.index("</tbody>")]
    for words in ("ontbreekt op de kopie", "00:04.0 - 00:09.5", "00:06.0", "5,5 seconden", "97 %"):
        assert words in row
    assert "De kopie: beschadigd op 00:03.0 - 00:03.5" in told
    svg = ElementTree.fromstring(told[told.index("<svg") : told.index("</svg>") + 6])  # noqa: S314 - our own picture
    assert (
        svg.findtext("{http://www.w3.org/2000/svg}title")
        == "De kopie mist een stuk. Dat stuk staat wel op onze opname."
    )
    assert "72 %" in told


@pytest.mark.parametrize("kind", list(EditKind))
def test_no_word_blames_anybody(office: Office, comparer: SetComparer, kind: EditKind) -> None:
    edit = replace(EDIT, kind=kind)
    comparer.report = replace(REPORT, comparison=replace(REPORT.comparison, edits=(edit,)))
    page = compared(office)
    assert not BLAME.search(section(page))
    assert not BLAME.search(Sender(office.house).client.get(PAGE).text.replace("Knip er niets uit", ""))


def test_a_complete_copy_has_no_table(office: Office) -> None:
    told = section(compared(office))
    assert "De kopie is gelijk aan onze opname" in told
    assert "<table" not in told
    assert "<svg" in told


def test_what_was_changed_afterwards_is_not_shown(office: Office, comparer: SetComparer) -> None:
    compared(office)
    with office.house.wiring.database.transaction() as unit:
        row = unit.comparisons.find(case_record(office.house).case_id)
        assert row is not None
        unit.comparisons.put(replace(row, report=row.report.replace("0.97", "0.10")))
    told = section(page_of(office))
    assert "is veranderd nadat het in het logboek kwam" in told
    assert "<svg" not in told
    assert "<table" not in told


def test_nothing_of_a_file_reaches_the_page_as_markup(office: Office, comparer: SetComparer) -> None:
    """The one text of the report that another program wrote."""
    comparer.report = replace(REPORT, tool='<img src=x onerror="alert(1)">')
    page = compared(office)
    assert "<img src=x" not in page
    assert "&lt;img src=x" in page


def test_the_name_of_a_file_is_never_shown(office: Office) -> None:
    name = "<script>alert(1)</script>.mp3"
    collected(office.house)
    Sender(office.house).send_form(COPY, name=name)
    office.house.run_jobs(JobKind.CHECK_UPLOAD, JobKind.COMPARE_COPY)
    assert case_record(office.house).state == State.COMPARED
    assert "alert(1)" not in page_of(office)


# ---------------------------------------------------------------- listening


def open_players(office: Office, role: Role = Role.SUPERVISOR) -> str:
    form = form_to(page_of(office, role), "/vergelijking/luisteren")
    answer = office[role].post(form.action, form.values)
    assert answer.status_code == 303, answer.text
    return page_of(office, role)


def address(office: Office, what: str = "kopie") -> str:
    return f"/console/zaken/{case_record(office.house).case_id}/vergelijking/{what}"


def test_both_players_open_for_an_hour_and_the_log_says_who_listens(office: Office, comparer: SetComparer) -> None:
    page = compared(office)
    assert "<audio" not in page
    page = open_players(office)
    assert page.count("<audio") == 2
    assert f"{address(office)}#t=4.0" in page
    assert "/geluid#t=2.0" in page
    played = office.house.entry("upload:played")
    assert played.facts["case"] == case_record(office.house).case_id
    assert played.personal == {"by": office[Role.SUPERVISOR].signed_in.user.name}
    assert office.house.entry("recording:played").facts["purpose"] == "comparison"
    copy = office[Role.SUPERVISOR].get(address(office))
    assert copy.get_data() == COPY
    assert copy.mimetype == "audio/mpeg"
    assert copy.headers["X-Content-Type-Options"] == "nosniff"
    sound = office[Role.SUPERVISOR].get(f"/console/gesprekken/{office.house.call.call_id}/geluid")
    assert sound.get_data() == RECORDING


def test_a_player_can_be_wound(office: Office, comparer: SetComparer) -> None:
    compared(office)
    open_players(office)
    answer = office[Role.SUPERVISOR].get(address(office), Range="bytes=100-199")
    assert answer.status_code == 206
    assert answer.get_data() == COPY[100:200]


def test_opening_twice_within_the_hour_is_one_line(office: Office, comparer: SetComparer) -> None:
    compared(office)
    page = page_of(office)
    form = form_to(page, "/vergelijking/luisteren")
    for _ in range(2):
        assert office[Role.SUPERVISOR].post(form.action, form.values).status_code == 303
    assert office.house.tags.count("upload:played") == 1
    assert office.house.tags.count("recording:played") == 1


def test_without_having_said_so_nobody_hears_anything(office: Office, comparer: SetComparer) -> None:
    compared(office)
    answer = office[Role.SUPERVISOR].get(address(office))
    assert answer.status_code == 303
    assert answer.location.endswith("#spelers")
    open_players(office)
    assert office[Role.PRIVACY_OFFICER].get(address(office)).status_code == 303, "each opens their own"
    office.house.clock.pass_s(3601)
    assert office[Role.SUPERVISOR].get(address(office)).status_code == 303


@pytest.mark.parametrize("role", [Role.EMPLOYEE, Role.AUDITOR])
def test_who_may_not_listen_sees_the_result_and_no_player(office: Office, comparer: SetComparer, role: Role) -> None:
    compared(office)
    told = section(page_of(office, role))
    assert "ontbreekt op de kopie" in told
    assert "spelers" not in told
    assert office[role].get(address(office)).status_code == 403


def test_when_our_recording_is_gone_the_result_stays_and_the_players_go(office: Office, comparer: SetComparer) -> None:
    compared(office)
    open_players(office)
    with office.house.wiring.database.transaction() as unit:
        recording = unit.recordings.find_for_call(office.house.call.call_id)
        assert recording is not None
        unit.recordings.mark_destroyed(recording.recording_id, office.house.clock.now())
    told = section(page_of(office))
    assert "ontbreekt op de kopie" in told
    assert "<audio" not in told
    assert office[Role.SUPERVISOR].get(address(office)).status_code == 303


# ---------------------------------------------------------------- misuse, and the caller


def test_a_comparison_is_chosen_as_evidence_by_a_form(office: Office, comparer: SetComparer) -> None:
    compared(office)
    misuse = office.opened(MisuseReported(Misuse.CUTTING, "er staat iets anders online"), call=True)
    page = office.page(Role.SUPERVISOR, f"/{misuse.case_id}")
    assert "De kopie: de kopie mist een stuk" in page
    copy_id = case_record(office.house).case_id
    answer = office.fill_in(
        Role.SUPERVISOR, misuse, "evidence-added", evidence="Het gaat om dit bestand.", from_copy=copy_id
    )
    assert answer.status_code == 303, answer.text
    page = office.page(Role.SUPERVISOR, f"/{misuse.case_id}")
    assert "moeten eerst worden vergeleken" not in page


def test_without_a_comparison_there_is_nothing_to_choose_and_words_are_still_evidence(office: Office) -> None:
    both_there(office.house)
    misuse = office.opened(MisuseReported(Misuse.CUTTING, "er staat iets anders online"), call=True)
    assert "from_copy" not in office.page(Role.SUPERVISOR, f"/{misuse.case_id}")
    answer = office.fill_in(Role.SUPERVISOR, misuse, "evidence-added", evidence="Een krant schrijft het.")
    assert answer.status_code == 303
    wrong = office.fill_in(Role.SUPERVISOR, misuse, "evidence-added", evidence="nog een", from_copy="f" * 32)
    assert wrong.status_code == 422
    assert "Kies een kopie uit de lijst." in wrong.text


@pytest.mark.parametrize(
    ("report", "words"),
    [
        (REPORT, "Er zijn verschillen. Dat zegt niet wie die maakte, of waarom."),
        (None, "gelijk aan onze opname"),
    ],
)
def test_the_caller_is_told_what_came_of_it(office: Office, report: object, words: str) -> None:
    if report is not None:
        vars(office.house.wiring).update(comparer=SetComparer())
    both_there(office.house)
    assert "nog niet vergeleken" in Sender(office.house).client.get(PAGE).text
    office.house.run_jobs(JobKind.COMPARE_COPY)
    assert words in Sender(office.house).client.get(PAGE).text


def test_a_damaged_file_is_told_beside_the_picture(office: Office, comparer: SetComparer) -> None:
    comparer.report = replace(REPORT, agency=replace(REPORT.agency, damaged=(Damage(1.0, 1.0),)))
    assert "Onze opname: beschadigd op 00:01.0" in section(compared(office))
