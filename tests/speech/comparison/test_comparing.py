"""Copies as recorders make them, and as somebody edits them, against the agency's recording."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from speech.comparison.comparing import compare
from speech.comparison.result import Comparison, Edit, EditKind, Verdict
from speech.comparison.sound import Sound
from tests.speech.comparison.calls import Call, Samples, Turn, make_call, some_voice
from tests.speech.comparison.edits import Change, Truth, apply
from tests.speech.comparison.recorders import (
    Recorder,
    coded,
    drifting,
    gated,
    glitched,
    jittered,
    levelled,
    noisy,
    suppressed,
    talked_beside,
    thumped,
)

RATE_HZ = 8_000
TOLERANCE_S = 0.15


@cache
def call() -> Call:
    return make_call(11, 60)


def mixed(call: Call) -> Samples:
    return np.asarray(call.channels.sum(axis=0))


def compared(call: Call, copy: Samples) -> Comparison:
    return compare(Sound(call.channels), Sound(copy[None].astype(np.float32)))


def rng() -> np.random.Generator:
    return np.random.default_rng(3)


@pytest.mark.parametrize("codec", ["mulaw", "alaw", "mp3_8", "aac_24", "opus_6", "amr_475"])
def test_what_a_codec_does_is_no_edit(codec: str) -> None:
    found = compared(call(), coded(codec)(mixed(call()), rng()))
    assert (found.verdict, found.edits) == (Verdict.COMPLETE, ())
    assert found.coverage > 0.98


def test_noise_automatic_gain_and_a_fast_clock_are_no_edit() -> None:
    sound = mixed(call())
    for recorder in (noisy("pink", 8), levelled, drifting(250), coded("amr_122")):
        sound = recorder(sound, rng())
    found = compared(call(), sound)
    assert (found.verdict, found.edits) == (Verdict.COMPLETE, ())
    assert found.drift_ppm == pytest.approx(250, abs=25)


def test_a_cut_has_its_times_in_both() -> None:
    sound, [truth] = apply(mixed(call()), [Change(25 * RATE_HZ, 28 * RATE_HZ, mixed(call())[:0])])
    found = compared(call(), coded("mp3_32")(sound, rng()))
    assert found.verdict is Verdict.CUT
    [edit] = found.edits
    assert edit.kind is EditKind.CUT
    assert (edit.agency_start_s, edit.agency_end_s) == pytest.approx(
        (truth.agency_start_s, truth.agency_end_s), abs=TOLERANCE_S
    )
    assert edit.copy_start_s == edit.copy_end_s == pytest.approx(truth.copy_start_s, abs=TOLERANCE_S)


def near(edit_times: tuple[float, ...], truth_times: tuple[float, ...]) -> bool:
    return edit_times == pytest.approx(truth_times, abs=TOLERANCE_S)


def times(edit: Edit | Truth) -> tuple[float, ...]:
    return (edit.agency_start_s, edit.agency_end_s, edit.copy_start_s, edit.copy_end_s)


def longest_turn(call: Call, channel: int | None = None) -> Turn:
    turns = [turn for turn in call.turns if channel in (None, turn.channel)]
    return max(turns, key=lambda turn: turn.end_s - turn.start_s)


@pytest.mark.parametrize("recorder", [coded("amr_475"), noisy("white", 6), noisy("babble", 10)])
def test_an_insertion_has_its_times_in_both(recorder: Recorder) -> None:
    own = mixed(call())[10 * RATE_HZ : 12 * RATE_HZ]
    at = int((longest_turn(call()).start_s + 1.5) * RATE_HZ)
    sound, [truth] = apply(mixed(call()), [Change(at, at, own)])
    found = compared(call(), recorder(sound, rng()))
    assert found.verdict is Verdict.INSERTED
    [edit] = found.edits
    assert near(times(edit), times(truth))
    assert edit.agency_start_s == edit.agency_end_s


def test_what_is_doubled_was_put_in_behind_the_first() -> None:
    at = int((longest_turn(call()).start_s + 2) * RATE_HZ)
    sound, [truth] = apply(mixed(call()), [Change(at, at, mixed(call())[at - RATE_HZ : at])])
    [edit] = compared(call(), coded("mp3_32")(sound, rng())).edits
    assert near(times(edit), times(truth))


def test_a_silence_in_a_pause_was_put_in_behind_the_last_word() -> None:
    spoken, pause_s = call(), 1.2
    turn = longest_turn(spoken)
    end = int(turn.end_s * RATE_HZ)
    pause = np.zeros((2, int(pause_s * RATE_HZ)), np.float32)
    paused = replace(spoken, channels=np.concatenate([spoken.channels[:, :end], pause, spoken.channels[:, end:]], 1))
    put_in = np.zeros(RATE_HZ, np.float32)
    sound, [truth] = apply(mixed(paused), [Change(end, end, put_in)])
    [edit] = compared(paused, noisy("pink", 12)(sound, rng())).edits
    assert near(times(edit), times(truth))


@pytest.mark.parametrize("instead", ["silence", "speech", "beep"])
def test_a_replacement_of_the_same_length_moves_no_lag_and_is_seen(instead: str) -> None:
    turn = longest_turn(call())
    start, count = int((turn.start_s + 0.8) * RATE_HZ), int(1.4 * RATE_HZ)
    other = {
        "silence": np.zeros(count, np.float32),
        "speech": some_voice(rng()).say("dat heb ik nooit gezegd en dat weet u heel goed")[1000 : 1000 + count],
        "beep": np.asarray(0.15 * np.sin(np.arange(count) * 2 * np.pi / 8), dtype=np.float32),
    }[instead]
    sound, [truth] = apply(mixed(call()), [Change(start, start + count, other)])
    found = compared(call(), coded("amr_122")(noisy("pink", 20)(sound, rng()), rng()))
    assert found.verdict is Verdict.ALTERED
    [edit] = found.edits
    assert edit.kind is EditKind.REPLACE
    assert near(times(edit), times(truth))


def test_several_edits_of_several_kinds_are_each_named() -> None:
    turns = [turn for turn in call().turns if turn.end_s - turn.start_s > 2.2][1:4]
    starts = [int((turn.start_s + 0.5) * RATE_HZ) for turn in turns]
    own = mixed(call())[2 * RATE_HZ : 3 * RATE_HZ]
    changes = [
        Change(starts[0], starts[0] + RATE_HZ, own[:0]),
        Change(starts[1], starts[1], own),
        Change(starts[2], starts[2] + RATE_HZ, own),
    ]
    sound, truths = apply(mixed(call()), changes)
    found = compared(call(), coded("opus_24")(sound, rng()))
    assert [edit.kind for edit in found.edits] == [EditKind.CUT, EditKind.INSERT, EditKind.REPLACE]
    assert all(near(times(edit), times(truth)) for edit, truth in zip(found.edits, truths, strict=True))


def test_a_second_and_a_half_before_a_cut_is_enough() -> None:
    sound, [truth] = apply(mixed(call()), [Change(int(2.2 * RATE_HZ), 5 * RATE_HZ, mixed(call())[:0])])
    [edit] = compared(call(), coded("mulaw")(sound, rng())).edits
    assert near(times(edit), times(truth))


def test_one_side_that_the_recorder_did_not_hear_is_no_edit() -> None:
    for heard in (0, 1):
        found = compared(call(), noisy("pink", 15)(call().channels[heard], rng()))
        assert (found.verdict, found.edits) == (Verdict.COMPLETE, ())


def test_a_copy_of_a_part_is_complete_and_covers_that_part() -> None:
    found = compared(call(), coded("mp3_16")(mixed(call())[20 * RATE_HZ : 50 * RATE_HZ], rng()))
    assert (found.verdict, found.edits) == (Verdict.COMPLETE, ())
    assert found.coverage == pytest.approx(0.5, abs=0.03)


def test_what_a_recorder_heard_before_and_after_the_call_is_no_edit() -> None:
    street = (rng().standard_normal(30 * RATE_HZ) * 0.01).astype(np.float32)
    found = compared(call(), np.concatenate([street, mixed(call()), street]))
    assert (found.verdict, found.edits) == (Verdict.COMPLETE, ())
    assert found.coverage > 0.97


def test_sound_in_a_pause_of_the_agencys_recording_is_no_edit() -> None:
    paused = Call(call().channels.copy(), call().turns)
    paused.channels[:, 20 * RATE_HZ : 32 * RATE_HZ] = 0
    found = compared(paused, coded("alaw")(mixed(call()), rng()))
    assert (found.verdict, found.edits) == (Verdict.COMPLETE, ())


def test_lost_packets_hold_music_and_repeated_sentences_are_no_edit() -> None:
    waiting = make_call(13, 90, repeats=True, music_s=15)
    for concealed in (False, True):
        found = compared(waiting, glitched(0.02, concealed=concealed)(mixed(waiting), rng()))
        assert (found.verdict, found.edits) == (Verdict.COMPLETE, ())


def test_a_recorder_with_two_channels_is_heard_whole() -> None:
    found = compare(Sound(call().channels), Sound(call().channels[::-1].copy()))
    assert (found.verdict, found.edits) == (Verdict.COMPLETE, ())


def test_another_call_of_the_same_people_with_the_same_prompts_is_unrelated() -> None:
    voices = (some_voice(rng()), some_voice(np.random.default_rng(4)))
    one, other = make_call(21, 60, voices=voices), make_call(22, 60, voices=voices)
    found = compared(one, coded("amr_122")(mixed(other), rng()))
    assert (found.verdict, found.edits, found.coverage) == (Verdict.UNRELATED, (), 0.0)


@pytest.mark.parametrize("count", [1, 800, 10 * RATE_HZ])
def test_silence_is_unrelated_however_long(count: int) -> None:
    assert compared(call(), np.zeros(count, np.float32)).verdict is Verdict.UNRELATED


def test_stretches_and_edits_tell_the_copy_from_beginning_to_end() -> None:
    sound, _ = apply(mixed(call()), [Change(25 * RATE_HZ, 28 * RATE_HZ, mixed(call())[:0])])
    found = compared(call(), sound)
    first, second = found.stretches
    assert first.copy_end_s == pytest.approx(found.edits[0].copy_start_s, abs=0.011)
    assert second.agency_start_s == pytest.approx(found.edits[0].agency_end_s, abs=0.011)
    assert found.coverage == pytest.approx(57 / 60, abs=0.02)


def test_a_piece_from_elsewhere_over_a_pause_of_the_call_is_a_replacement() -> None:
    sound = mixed(call())
    levels = np.array([np.abs(sound[at : at + RATE_HZ]).max() for at in range(0, len(sound) - RATE_HZ, 800)])
    quiet = int(levels[50:500].argmin() + 50) * 800
    turn = longest_turn(call())
    piece = sound[int((turn.start_s + 0.2) * RATE_HZ) :][:RATE_HZ]
    edited, [truth] = apply(sound, [Change(quiet, quiet + RATE_HZ, piece)])
    found = compared(call(), coded("aac_64")(edited, rng()))
    assert found.verdict is Verdict.ALTERED
    [edit] = found.edits
    assert edit.kind is EditKind.REPLACE
    assert near(times(edit), times(truth))


@pytest.mark.parametrize("silence_s", [1.5, 0.0])
def test_a_piece_after_the_last_word_was_put_in_unless_the_call_was_over(silence_s: float) -> None:
    silence = rng().normal(0, 1e-4, (2, int(silence_s * RATE_HZ)))
    ended = replace(call(), channels=np.concatenate([call().channels, silence.astype(np.float32)], axis=1))
    at = len(mixed(call())) + int(max(silence_s - 0.5, 0) * RATE_HZ)
    start = int((longest_turn(call()).start_s + 0.2) * RATE_HZ)
    sound, [truth] = apply(mixed(ended), [Change(at, at, mixed(call())[start : start + 2 * RATE_HZ])])
    found = compared(ended, noisy("pink", 25)(np.pad(sound, (0, 3 * RATE_HZ)), rng()))
    assert [edit.kind for edit in found.edits] == ([EditKind.INSERT] if silence_s else [])
    assert all(near(times(edit), times(truth)) for edit in found.edits)


def test_somebody_who_talks_beside_the_telephone_in_a_pause_is_no_edit() -> None:
    sound = mixed(call())
    levels = np.array([np.abs(sound[at : at + RATE_HZ]).max() for at in range(0, len(sound) - RATE_HZ, 800)])
    quiet = int(levels[50:500].argmin() + 50) * 800
    talk = some_voice(np.random.default_rng(8)).say("zet jij de soep even op het vuur")[:RATE_HZ]
    copy = sound.copy()
    copy[quiet : quiet + len(talk)] += talk * 0.5
    found = compared(call(), coded("mp3_32")(copy, rng()))
    assert (found.verdict, found.edits) == (Verdict.COMPLETE, ())


def test_a_soft_speaker_whom_the_automatic_gain_turns_up_with_the_noise_is_not_missing() -> None:
    made = make_call(604, 50)
    sound = np.asarray(np.array([0.03, 1.0], np.float32) @ made.channels, np.float32)
    noise = np.random.default_rng(5)
    for recorder in (noisy("white", 25), levelled, coded("mulaw")):
        sound = recorder(sound, noise)
    found = compared(made, sound)
    assert (found.verdict, found.edits) == (Verdict.COMPLETE, ())


@pytest.mark.parametrize("recorder", [suppressed, gated, jittered, talked_beside, thumped])
@pytest.mark.parametrize("noise", [None, noisy("pink", 20)])
def test_what_telephones_and_rooms_do_is_no_edit(recorder: Recorder, noise: Recorder | None) -> None:
    sound = mixed(call())
    for each in (noise, recorder, coded("aac_24")):
        sound = each(sound, rng()) if each else sound
    found = compared(call(), sound)
    assert (found.verdict, found.edits) == (Verdict.COMPLETE, ())
