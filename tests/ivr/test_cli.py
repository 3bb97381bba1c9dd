"""The command `spelregel`: what it prints, its exit codes, and one clear line where something is wrong."""

import io
import json
from pathlib import Path

import pytest

from ivr.cli import main
from tests.builders import House, environment, wav_of
from tests.voices import voice_wav, write_audio

CONFIG = Path(__file__).parents[2] / "config"


@pytest.fixture
def settings(tmp_path: Path, sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The environment of an installation; gives its folder."""
    for name, value in environment(tmp_path, DATABASE_URL=sqlite_url).items():
        monkeypatch.setenv(name, value)
    return tmp_path


@pytest.fixture
def called(settings: Path, house: House) -> House:
    """A call with a consent entry, on the database that the settings name."""
    house.confirmed()
    return house


def spelregel(*arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert isinstance(ended.value.code, int)
    return ended.value.code


def complaint(capsys: pytest.CaptureFixture[str]) -> str:
    """The one line on stderr."""
    told = capsys.readouterr().err
    assert told.count("\n") == 1, told
    assert told.startswith("spelregel: ")
    assert "Traceback" not in told
    return told


# ---------------------------------------------------------------- wrong use


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["dance"],
        ["serve"],
        ["serve", "everything"],
        ["models"],
        ["models", "check", "no-such-model"],
        ["listen"],
        ["listen", "a.wav", "--channel", "2"],
        ["listen", "a.wav", "--engine", "ear"],
        ["classify", "--state", "asleep"],
        ["evaluate"],
        ["evaluate", "--text", "a.tsv", "--audio", "b.tsv"],
        ["evaluate", "--text", "a.tsv", "--state", "asleep"],
        ["log"],
        ["log", "export"],
        ["log", "export", "--format", "xml"],
        ["log", "show"],
        ["policy"],
        ["policy", "show"],
        ["retention"],
        ["retention", "stop"],
        ["cases"],
        ["cases", "close"],
        ["users"],
        ["users", "add", "c.visser", "--role", "medewerker"],
        ["users", "add", "c.visser", "--agency", "example"],
        ["users", "add", "c.visser", "--role", "baas", "--agency", "example"],
        ["users", "disable"],
    ],
)
def test_wrong_use_shows_the_usage(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert spelregel(*arguments) == 2
    assert capsys.readouterr().err.startswith("usage: spelregel")


@pytest.mark.parametrize(
    "arguments",
    [
        ["serve", "web"],
        ["worker"],
        ["log", "verify"],
        ["log", "export", "--format", "jsonl"],
        ["log", "show", "x"],
        ["retention", "run"],
        ["cases", "list"],
        ["users", "list"],
        ["doctor"],
    ],
)
def test_without_settings_all_that_is_missing_is_named(
    arguments: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in environment(tmp_path):
        monkeypatch.delenv(name, raising=False)
    assert spelregel(*arguments) == 2
    told = complaint(capsys)
    for name in ("SPELREGEL_PUBLIC_URL", "TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "SPELREGEL_SIGNING_KEY"):
        assert f"{name} is missing" in told


# ---------------------------------------------------------------- speech


@pytest.mark.parametrize("content", [None, b"", b"this is no sound", b"RIFF\x00\x00\x00\x00WAVE", wav_of(1)[:30]])
def test_listening_to_what_is_no_wav(
    settings: Path, content: bytes | None, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = settings / "call.wav"
    if content is not None:
        path.write_bytes(content)
    assert spelregel("listen", str(path), "--engine", "whisper", "--json") == 2
    assert "call.wav" in complaint(capsys)


def test_a_channel_that_the_file_has_not(settings: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = settings / "call.wav"
    path.write_bytes(wav_of(1, channels=1))
    assert spelregel("listen", str(path), "--channel", "1", "--engine", "whisper") == 2
    assert "channel" in complaint(capsys)


def test_an_engine_without_its_model(settings: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = settings / "call.wav"
    path.write_bytes(wav_of(1))
    assert spelregel("listen", str(path), "--engine", "vosk") == 2
    assert "spelregel models install vosk-model-small-nl-0.22" in complaint(capsys)


@pytest.mark.parametrize(
    ("variable", "value", "expected"),
    [
        ("SPELREGEL_SECOND_OPINION", "confirm", "a second opinion needs both engines"),
        ("SPELREGEL_SPOTTER", "maybe", "SPELREGEL_SPOTTER must be on or off"),
    ],
)
def test_listening_as_the_service_would(
    settings: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    variable: str,
    value: str,
    expected: str,
) -> None:
    monkeypatch.setenv(variable, value)
    assert spelregel("listen", "call.wav") == 2
    assert expected in complaint(capsys)


def test_classify_reads_lines_and_writes_json(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("ik wil dit gesprek opnemen\n\nja\r\nik bel over mijn paspoort"))
    assert spelregel("classify") == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["text"] for line in lines] == ["ik wil dit gesprek opnemen", "", "ja", "ik bel over mijn paspoort"]
    assert lines[0]["label"] == "request"
    assert lines[3]["label"] == "none"
    assert all(set(line) == {"text", "label", "confidence", "evidence"} for line in lines)


def test_classify_in_a_state(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("ja\n"))
    assert spelregel("classify", "--state", "confirming") == 0
    assert json.loads(capsys.readouterr().out)["label"] == "yes"


def test_classify_of_what_is_no_text(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"ja\n\xff\xfe\n"), encoding="utf-8"))
    assert spelregel("classify") == 2
    assert "utf-8" in complaint(capsys)


def test_evaluate_prints_tables_or_json_and_writes_a_page(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    corpus, page = tmp_path / "corpus.tsv", tmp_path / "report.html"
    corpus.write_text("label\tvariant\ttext\nrequest\tformal\tik wil dit gesprek opnemen\nyes\tformal\tja\n", "utf-8")
    assert spelregel("evaluate", "--text", str(corpus), "--report", str(page)) == 0
    assert "understood right                   100.0 % (2 of 2)" in capsys.readouterr().out
    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")
    assert spelregel("evaluate", "--text", str(corpus), "--state", "listening", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["rows"], told["wrong_rows"]) == (2, 1)


@pytest.mark.parametrize(
    ("kind", "content", "told"),
    [
        ("--text", None, "corpus.tsv"),
        ("--text", "label\ttext\nyes\tja\n", "corpus.tsv:1"),
        ("--text", "label\tvariant\ttext\nmaybe\tformal\tja\n", "corpus.tsv:2"),
        ("--audio", None, "corpus.tsv"),
        ("--audio", "file\tlabel\ttext\tvoice\tsnr_db\nno.wav\tyes\tja\tx\tclean\n", "corpus.tsv:2"),
    ],
)
def test_evaluate_of_what_is_no_corpus(
    settings: Path, kind: str, content: str | None, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    corpus = settings / "corpus.tsv"
    if content is not None:
        corpus.write_text(content, encoding="utf-8")
    assert spelregel("evaluate", kind, str(corpus)) == 2
    assert told in complaint(capsys)


def test_models_are_listed_and_checked(settings: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert spelregel("models", "list") == 0
    assert spelregel("models", "check") == 0, "none is installed, and none is damaged"
    assert "absent" in capsys.readouterr().out
    assert spelregel("models", "check", "whisper-base") == 2
    folder = settings / "models" / "whisper-base"
    folder.mkdir(parents=True)
    (folder / "model.bin").write_bytes(b"damaged")
    assert spelregel("models", "check") == 2
    assert "damaged" in capsys.readouterr().out


# ---------------------------------------------------------------- the installation


def test_a_database_that_was_never_set_up(
    settings: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{settings / 'other.db'}")
    assert spelregel("log", "verify") == 2
    complaint(capsys)


# ---------------------------------------------------------------- profiles


def test_good_profiles(capsys: pytest.CaptureFixture[str]) -> None:
    assert spelregel("policy", "check") == 0
    assert spelregel("policy", "check", str(CONFIG / "policies" / "example.toml")) == 0
    assert "example  version 2" in capsys.readouterr().out
    assert spelregel("policy", "show", "example") == 0
    assert "digest" in capsys.readouterr().out


def test_a_bad_profile_is_named_with_its_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "example.toml"
    text = (CONFIG / "policies" / "example.toml").read_text(encoding="utf-8")
    path.write_text(text.replace("reprompts = 1", 'reprompts = "often"'), encoding="utf-8")
    assert spelregel("policy", "check", str(path)) == 2
    line = text[: text.index("reprompts")].count("\n") + 1
    assert f"example.toml:{line}" in complaint(capsys)


@pytest.mark.parametrize("arguments", [["check", "nowhere.toml"], ["show", "nobody"]])
def test_a_profile_that_is_not_there(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert spelregel("policy", *arguments) == 2
    assert arguments[1].removesuffix(".toml") in complaint(capsys)


# ---------------------------------------------------------------- operations


def test_where_nothing_is_due_retention_says_so(called: House, capsys: pytest.CaptureFixture[str]) -> None:
    assert spelregel("retention", "run", "--dry-run") == 0
    assert capsys.readouterr().out == "would go: nothing\n"
    assert spelregel("retention", "run") == 0
    assert capsys.readouterr().out == "destroyed: nothing\n"


def test_the_doctor_says_what_is_missing(settings: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert spelregel("doctor") == 0
    told = capsys.readouterr().out
    assert "local carrier: this is a demo" in told
    assert "Vosk model is absent" in told


def test_the_doctor_wants_a_witness_in_production(
    settings: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert spelregel("doctor") == 0
    assert "WITNESSES" not in capsys.readouterr().out
    monkeypatch.delenv("TWILIO_API_URL")
    monkeypatch.setenv("SPELREGEL_PUBLIC_URL", "https://spelregel.test")
    assert spelregel("doctor") == 0
    assert "SPELREGEL_WITNESSES is not set: whoever holds" in capsys.readouterr().out
    monkeypatch.setenv("SPELREGEL_WITNESSES", f"file://{settings}")
    assert spelregel("doctor") == 0
    assert "WITNESSES" not in capsys.readouterr().out


def test_the_doctor_names_recorded_prompts_that_are_not_played_any_more(
    settings: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    old = "Dit zei de bot vroeger."
    write_audio(settings / "voices", {old: voice_wav(old)})
    monkeypatch.setenv("SPELREGEL_PROMPT_AUDIO", str(settings / "voices"))
    assert spelregel("doctor") == 0
    assert f"index.toml, entry 1: no prompt says this any more, so it is not played: {old}" in capsys.readouterr().out


def test_recorded_prompts_that_cannot_be_used_stop_the_start(
    settings: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    write_audio(settings / "voices", {"Goedemorgen.": b"no sound"})
    monkeypatch.setenv("SPELREGEL_PROMPT_AUDIO", str(settings / "voices"))
    assert spelregel("doctor") == 2
    assert "index.toml:3: audio.1.file must be a WAV file" in complaint(capsys)
