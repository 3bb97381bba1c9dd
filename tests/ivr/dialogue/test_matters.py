"""What comes up beside the wish to record: pauses, third persons, questions, kinds of talk, who records always."""

import pytest

from ivr.dialogue.effects import (
    AskTheirs,
    FollowRefusal,
    LogConsent,
    MoveCaller,
    Note,
    NoteTraining,
    PauseRecording,
    PromptKey,
    ResumeRecording,
    RingEmployee,
    StartRecording,
    StopRecording,
)
from ivr.dialogue.events import (
    CallAnswered,
    CallerJoined,
    ConsentLogged,
    EmployeeJoined,
    EmployeeLeft,
    EmployeeUnreachable,
    Heard,
    HoldEnded,
    HoldStarted,
    KindNamed,
    ObjectionRaised,
    PauseAsked,
    RecordingStarted,
    ResumeAsked,
    StarPressed,
    StopAsked,
    ThirdPersonPresent,
)
from ivr.dialogue.rules import AgencyRecords, Rules
from ivr.dialogue.states import CallerRecording, Dialogue, State
from tests.ivr.dialogue.playing import (
    ALWAYS,
    EXCLUDED,
    OBJECTION,
    OBJECTION_WITH_OUR_RECORDING,
    Call,
    always_recording,
    announced,
    announcing,
    asking,
    at_the_keypad,
    heard,
    kinds,
    recording,
    starting,
    tags,
    talking,
)

NEVER = Rules(agency_records=AgencyRecords.NEVER)


# ---------------------------------------------------------------- the caller asks why (R7)


@pytest.mark.parametrize("objection", [OBJECTION, OBJECTION_WITH_OUR_RECORDING])
def test_who_asks_why_hears_the_reason_again(objection: ObjectionRaised) -> None:
    call = asking()
    call.play(objection, ConsentLogged(9))
    call.all_played()
    effects = call.play(heard(Heard.WHY, "waarom niet"))
    assert announced(effects) == [PromptKey.WHY]
    assert "reason:asked" in tags(effects)
    assert call.now.speaking is not None
    assert dict(call.now.speaking.params) == {"reason": "privacy"}


def test_why_is_no_question_where_nothing_was_refused() -> None:
    for call in (talking(), asking(), recording()):
        assert call.play(heard(Heard.WHY)) == []


# ---------------------------------------------------------------- kinds of conversation


def test_a_wish_in_a_talk_that_may_not_be_recorded_is_refused_with_its_reason_after_a_yes() -> None:
    call = talking()
    call.play(EXCLUDED, heard(Heard.REQUEST))
    call.played()
    effects = call.play(heard(Heard.YES))
    assert ("answer:yes" in tags(effects), "request:excluded" in tags(effects)) == (True, True)
    assert announced(effects) == [PromptKey.EXCLUDED]
    assert LogConsent not in kinds(effects)
    assert FollowRefusal("verslag", by_sms=True) in effects
    assert call.now.caller_recording is CallerRecording.OBJECTED


def test_a_no_in_such_a_talk_is_a_no() -> None:
    call = talking()
    call.play(EXCLUDED, heard(Heard.REQUEST))
    call.played()
    call.play(heard(Heard.NO))
    assert (call.state(), call.now.caller_recording) == (State.TALKING, CallerRecording.DECLINED)


def test_naming_such_a_kind_ends_what_runs() -> None:
    call = recording()
    effects = call.play(EXCLUDED)
    assert StopRecording in kinds(effects)
    assert announced(effects) == [PromptKey.EXCLUDED]
    assert call.play(EXCLUDED) == []


@pytest.mark.parametrize("make", [announcing, starting])
def test_naming_such_a_kind_ends_what_begins(make: object) -> None:
    call = announcing() if make is announcing else starting()
    call.play(EXCLUDED)
    assert call.state() is State.TALKING
    assert call.now.caller_recording is CallerRecording.OBJECTED
    assert StartRecording not in kinds(call.all_played())


def test_an_agency_that_records_always_does_not_record_such_a_talk() -> None:
    call = always_recording()
    assert StopRecording in kinds(call.play(EXCLUDED))
    call = talking(ALWAYS)
    call.play(ConsentLogged(7), EXCLUDED)
    assert StartRecording not in kinds(call.all_played())


def test_another_kind_is_allowed_again() -> None:
    call = recording()
    call.play(EXCLUDED)
    call.all_played()
    call.play(KindNamed("gewoon"))
    assert call.now.caller_recording is CallerRecording.CONFIRMED
    assert call.now.refusal is None


def test_a_line_for_such_talks_says_so_in_the_greeting() -> None:
    call = Call()
    call.now = Dialogue(kind="bemiddeling", exclusion="verslag")
    call.play(CallAnswered())
    assert call.told() is PromptKey.GREETING_EXCLUDED


# ---------------------------------------------------------------- third persons


def test_everybody_hears_which_recordings_run() -> None:
    both, caller, agency, nobody = recording(), asking(NEVER), always_recording(), talking()
    caller.play(heard(Heard.YES), ConsentLogged(7))
    caller.all_played()
    both.all_played()
    for call, prompt in (
        (both, [PromptKey.THIRD_PERSON_BOTH]),
        (caller, [PromptKey.THIRD_PERSON_CALLER]),
        (agency, [PromptKey.THIRD_PERSON_AGENCY]),
        (nobody, []),
    ):
        effects = call.play(heard(Heard.THIRD_PERSON, "mijn zoon luistert mee"))
        assert announced(effects) == prompt
        assert tags(effects) == ["third-person:present"]
        assert call.now.third_person


def test_the_employee_tells_it_too() -> None:
    call = recording()
    [note] = [e for e in call.play(ThirdPersonPresent("de tolk")) if isinstance(e, Note)]
    assert (dict(note.facts), dict(note.personal)) == ({"by": "employee"}, {"who": "de tolk"})


# ---------------------------------------------------------------- questions (R8, R9)


def test_a_wish_to_film_is_answered() -> None:
    assert announced(talking().play(heard(Heard.VIDEO))) == [PromptKey.SOUND_ONLY]


def test_who_asks_whether_the_agency_records_hears_how_it_is() -> None:
    paused = recording()
    paused.play(PauseAsked())
    paused.all_played()
    for call, prompt in (
        (talking(), PromptKey.AGENCY_RECORDS_LATER),
        (talking(NEVER), PromptKey.AGENCY_RECORDS_NOT),
        (recording(), PromptKey.AGENCY_RECORDS_YES),
        (paused, PromptKey.AGENCY_RECORDS_PAUSED),
    ):
        assert announced(call.play(heard(Heard.AGENCY_RECORDS))) == [prompt]
    assert announcing().play(heard(Heard.AGENCY_RECORDS)) == []


def test_an_answer_that_would_be_untrue_by_now_is_not_given() -> None:
    call = recording()
    call.play(heard(Heard.COPY), heard(Heard.AGENCY_RECORDS), heard(Heard.STOP))
    call.all_played()
    assert PromptKey.AGENCY_RECORDS_YES not in announced(call.effects)


# ---------------------------------------------------------------- something private (R5)


@pytest.mark.parametrize("ask", [PauseAsked(), heard(Heard.PAUSE)])
@pytest.mark.parametrize("end", [ResumeAsked(), heard(Heard.RESUME)])
def test_a_pause_is_announced_logged_and_announced_to_end(ask: PauseAsked, end: ResumeAsked) -> None:
    call = recording()
    effects = call.play(ask)
    assert kinds(effects)[0] is PauseRecording
    assert announced(effects) == [PromptKey.PAUSED_PRIVATE]
    assert tags(effects) == ["pause:asked", "recording:paused"]
    assert call.play(ask) == []
    call.all_played()
    effects = call.play(end)
    assert announced(effects) == [PromptKey.RESUMED]
    assert ResumeRecording not in kinds(effects)
    assert ResumeRecording in kinds(call.played())
    assert call.play(end) == []


def test_the_star_ends_a_pause_without_a_word() -> None:
    call = recording()
    call.play(PauseAsked())
    call.all_played()
    assert MoveCaller in kinds(call.play(StarPressed()))
    assert announced(call.play(CallerJoined())) == [PromptKey.RESUMED]


def test_a_pause_outlasts_hold_and_hold_outlasts_a_pause() -> None:
    call = recording()
    call.play(PauseAsked())
    call.all_played()
    call.play(HoldStarted())
    assert announced(call.play(HoldEnded())) == []
    call.play(HoldStarted())
    assert announced(call.play(ResumeAsked())) == []
    assert announced(call.play(HoldEnded())) == [PromptKey.RESUMED]


def test_a_pause_before_the_recording_starts_puts_it_off() -> None:
    call = announcing()
    call.play(PauseAsked())
    call.all_played()
    assert StartRecording not in kinds(call.effects)
    call.play(ResumeAsked())
    assert StartRecording in kinds(call.all_played())


def test_a_pause_while_it_starts_makes_it_begin_with_silence() -> None:
    call = starting()
    call.play(PauseAsked())
    assert PauseRecording in kinds(call.play(RecordingStarted("RE1")))
    assert call.state() is State.PAUSED
    call.all_played()
    assert announced(call.play(ResumeAsked())) == [PromptKey.RESUMED]


def test_there_is_nothing_to_pause_where_nobody_records() -> None:
    for call in (talking(), asking()):
        assert call.play(PauseAsked()) == []
        assert call.play(ResumeAsked()) == []
        assert call.play(heard(Heard.PAUSE)) == []


@pytest.mark.parametrize("make", [announcing, starting, recording])
def test_the_employee_ends_the_agencys_recording_and_the_caller_goes_on(make: object) -> None:
    call = {announcing: announcing, starting: starting, recording: recording}[make]()  # type: ignore[index]
    effects = call.play(StopAsked("balie 3"))
    assert call.state() is State.TALKING
    assert PromptKey.WITHDRAWN in announced([*effects, *call.all_played()])
    assert call.now.caller_recording is CallerRecording.CONFIRMED
    assert StartRecording not in kinds(call.play(CallerJoined()))
    assert call.play(StopAsked()) == []


# ---------------------------------------------------------------- who is rung


def test_the_next_address_is_rung_and_one_attempt_fails_once() -> None:
    call = Call(Rules(attempts=2))
    call.play(CallAnswered())
    call.keyed(None)
    call.play(CallerJoined())
    assert kinds(call.play(EmployeeUnreachable("no-answer", "CA1"))) == [RingEmployee]
    assert call.play(EmployeeUnreachable("no-answer", "CA1")) == []
    call.play(EmployeeUnreachable("busy", "CA2"))
    assert call.told() is PromptKey.EMPLOYEE_UNREACHABLE


def test_the_second_address_answers() -> None:
    call = Call(Rules(attempts=2))
    call.play(CallAnswered())
    call.keyed(None)
    call.play(CallerJoined(), EmployeeUnreachable("no-answer", "CA1"), EmployeeJoined())
    assert call.state() is State.TALKING


# ---------------------------------------------------------------- another language


def test_who_presses_9_is_greeted_in_the_other_language_and_asked_by_key() -> None:
    call = Call(Rules(other_language="en"))
    call.play(CallAnswered())
    assert MoveCaller in kinds(call.keyed("9"))
    assert (call.state(), call.now.language) == (State.GREETING, "en")
    assert call.now.speaking is not None
    assert call.now.speaking.language == "en"
    call.keyed(None)
    call.play(CallerJoined(), EmployeeJoined(), heard(Heard.REQUEST))
    assert (call.state(), call.told()) == (State.KEYPAD, PromptKey.KEYPAD)


def test_where_there_is_no_other_language_the_key_means_nothing() -> None:
    call = Call()
    call.play(CallAnswered())
    call.keyed("9")
    assert (call.state(), call.now.language) == (State.WAITING, "nl")


# ---------------------------------------------------------------- learning, and the caller's own copy


@pytest.mark.parametrize(("digit", "agreed"), [("1", True), ("2", False), (None, False), ("7", False)])
def test_staff_may_learn_only_after_a_clear_yes(digit: str | None, agreed: bool) -> None:
    call = recording(Rules(ask_training=True))
    call.play(EmployeeLeft())
    call.keyed("1")
    assert (call.state(), call.told()) == (State.LEARNING, PromptKey.TRAINING_OFFER)
    assert NoteTraining(agreed) in call.keyed(digit)
    assert (call.state(), call.told()) == (State.CLOSING, PromptKey.COPY_SMS)


@pytest.mark.parametrize(("said", "agreed"), [(Heard.YES, True), (Heard.NO, False)])
def test_the_answer_about_learning_may_be_spoken(said: Heard, agreed: bool) -> None:
    call = recording(Rules(ask_training=True, offer_copy=False))
    call.play(EmployeeLeft(), heard(Heard.UNCLEAR))
    assert call.told() is PromptKey.TRAINING_OFFER
    assert call.play(heard(Heard.UNCLEAR)) == []
    assert NoteTraining(agreed) in call.play(heard(said))


def test_without_a_recording_there_is_nothing_to_learn_from() -> None:
    call = talking(Rules(ask_training=True))
    call.play(EmployeeLeft())
    assert call.told() is PromptKey.GOODBYE


def test_a_caller_who_recorded_is_asked_for_a_copy_in_the_last_words() -> None:
    call = recording(Rules(ask_theirs=True))
    call.play(EmployeeLeft())
    assert AskTheirs in kinds(call.keyed("2"))
    assert call.told() is PromptKey.COPY_DECLINED
    call.keyed(None)
    assert call.told() is PromptKey.ASK_THEIRS
    call.keyed(None)
    assert call.told() is None


def test_a_caller_who_did_not_record_is_not_asked_for_a_copy() -> None:
    call = at_the_keypad(Rules(ask_theirs=True))
    call.keyed("2")
    call.play(CallerJoined(), EmployeeLeft())
    assert AskTheirs not in kinds(call.effects)
