"""What a caller means: examples by rule, and what must never come out."""

import pytest

from speech.intent import Expecting, Intent, Label, classify

ANSWERED = (Expecting.CONFIRMING, Expecting.AFTER)


def labels(*texts: str, expecting: Expecting | None = None) -> dict[str, Label]:
    return {text: classify(text, expecting).label for text in texts}


def all_are(label: Label, heard: dict[str, Label]) -> bool:
    return heard == dict.fromkeys(heard, label)


@pytest.mark.parametrize(
    "text",
    [
        "ik neem voor de zekerheid het hele gesprek even op",
        "Ik neem dit gesprek op.",
        "mijn vrouw zit hiernaast en die neemt het gesprek mee op met haar telefoon",
        "dit gesprek wordt door mij opgenomen",
        "ik leg ons gesprek vast op mijn dictafoon",
        "er loopt hier een bandje mee",
        "ik heb net de opnameknop ingedrukt",
        "ik heb een app die dit gesprek opneemt",
        "vindt u het vervelend als ik dit gesprek opneem",
        "nee ik wil geen terugbelverzoek en weet u wat ik neem het vanaf nu op",
        "heeft u er geen bezwaar tegen dat ik dit opneem",
        "ik heb dit gesprek vanaf het begin opgenomen",
        "dat ik dit ge sprek op ga nemen",
        "dit gesprek neem ik hoop",
        "'k zou dees gesprek willen opnemen",
        "mijn zus luistert mee en neemt het op",
        "de app staat aan en neemt alles op",
        "heeft u bezwaar tegen een geluidsopname",
        "namens mijn cliënt deel ik u mee dat dit gesprek wordt opgenomen",
        "dit komt op band",
        "vind je het oké als ik dit vastleg",
    ],
)
def test_an_announcement_of_this_call_is_a_request(text: str) -> None:
    assert classify(text).label is Label.REQUEST
    assert classify(text, Expecting.LISTENING).label is Label.REQUEST


@pytest.mark.parametrize(
    "text",
    [
        "ik neem contact met u op",
        "ik neem altijd op als ik thuis ben",
        "mag ik twee weken verlof opnemen",
        "kan ik mijn hele pensioen opnemen",
        "mijn moeder is opgenomen in het ziekenhuis",
        "ik neem het op voor mijn zus",
        "kunt u dit in mijn dossier opnemen",
        "ik ga het opnemen met mijn advocaat",
        "ik heb het vorige gesprek opgenomen",
        "donderdag heb ik een hoorzitting en die wil ik opnemen",
        "mijn ex neemt al onze gesprekken op",
        "neemt u dit gesprek op",
        "ik neem dit gesprek niet op",
        "ik wil niet dat dit wordt opgenomen",
        "ik hoorde in het keuzemenu dat dit gesprek wordt opgenomen",
        "mag ik het gesprek filmen en op video opnemen",
        "ik neem aan dat het goed komt",
        "ik maak me zorgen om de opname van mijn broer",
        "kan ik bezwaar maken tegen een opname",
        "ik heb recht op opname in een zorginstelling",
        "de grond neemt geen water meer op",
        "mag ik dit opnemen als aftrekpost",
    ],
)
def test_the_other_meanings_of_opnemen_are_none(text: str) -> None:
    assert classify(text).label is Label.NONE
    assert classify(text, Expecting.LISTENING).label is Label.NONE


@pytest.mark.parametrize("expecting", [None, *ANSWERED])
@pytest.mark.parametrize(
    "text",
    [
        "klopt dat",
        "klopt dat?",
        "U wilt dit gesprek opnemen. Klopt dat?",
        "ja?",
        "ja en nee",
        "ja of nee",
        "ja wat vroeg u",
        "ja maar eh nee toch niet",
        "ja eh nee dat klopt niet",
        "ja maar wat gebeurt er dan",
        "jawel maar niet nu",
        "ja ik weet het niet",
        "ja misschien",
        "nou ja",
        "ja hallo",
        "ja wacht even",
        "ja nou eh",
        "ja eh",
        "ja sorry",
        "jawel toch",
        "dat klopt toch niet",
        "dat klopt helemaal niet",
        "geen probleem ja",
        "oké",
        "eh",
        "mm",
        "zeker niet",
        "natuurlijk niet",
        "ik denk het wel",
        "zou kunnen",
        "ja dat weet ik zo uit mijn hoofd niet",
        "het is de bedoeling om verlof op te nemen",
        "precies om tien uur",
        "wil ik dat",
        "natuurlijk heb ik dat gelezen",
        "ja om dat later te betalen",
    ],
)
def test_doubt_and_denial_are_never_a_yes(text: str, expecting: Expecting | None) -> None:
    assert classify(text, expecting).label is not Label.YES


def test_an_answer_to_the_question() -> None:
    confirming = Expecting.CONFIRMING
    assert all_are(
        Label.YES,
        labels(
            "ja", "ja dat klopt", "Ja, dat klopt.", "JAZEKER!", "ja ik wil dit gesprek opnemen", "in der daad",
            "ja want ik ben slechthorend en ik kan niet zo snel schrijven", expecting=confirming,
        ),
    )  # fmt: skip
    refused = ("nee", "neen dat klopt niet", "nee ik bedoelde contact opnemen", "ik wil niet opnemen")
    assert all_are(Label.NO, labels(*refused, expecting=confirming))
    assert all_are(
        Label.UNCLEAR,
        labels(
            "wablieft", "hallo", "ja mijn achternaam is met een korte ei", "ja dat heb ik ingevuld",
            "ja ik wil graag een afspraak maken", "het weer is mooi",
            "nee ik wil dit gesprek opnemen", expecting=confirming,
        ),
    )  # fmt: skip


def test_without_a_question_yes_and_no_are_talk_with_the_employee() -> None:
    for state in (Expecting.LISTENING, Expecting.RECORDING):
        assert all_are(Label.NONE, labels("ja dat klopt", "nee dat klopt niet", "wat zegt u", "eh", expecting=state))


def test_somebody_who_did_not_catch_the_question_is_known_without_a_state() -> None:
    lost = (
        "wat zegt u", "wablieft", "wab lief", "kunt u dat her halen", "ik versta u niet", "hoe bedoelt u",
        "maakt niet uit", "weet ik niet", "misschien", "even denken", "eh hoe eh wat bedoelt u", "ik be grijp het niet",
    )  # fmt: skip
    assert all_are(Label.UNCLEAR, labels(*lost))
    ordinary = (
        "dat begrijp ik", "ik begrijp niet waarom ik moet terugbetalen", "wat zegt de wet daarover",
        "weet u misschien het telefoonnummer van de gemeente", "ik heb niks meer gehoord van uw collega",
        "nee nee ik ben niks aan het opnemen ze",
    )  # fmt: skip
    assert all_are(Label.NONE, labels(*ordinary))


def test_a_short_stop_counts_only_while_a_recording_runs() -> None:
    assert classify("zet maar uit", Expecting.RECORDING).label is Label.STOP
    assert classify("zet maar uit", Expecting.LISTENING).label is Label.NONE
    assert classify("ik wil niet dat dit wordt opgenomen", Expecting.RECORDING).label is Label.STOP


def test_stop_is_heard_in_every_state_and_its_denial_is_not() -> None:
    for state in (None, *Expecting):
        assert classify("stop de op name maar", state).label is Label.STOP
        assert classify("de recorder mag nu uit", state).label is Label.STOP
        assert classify("u hoeft de opname niet te stoppen", state).label is not Label.STOP


def test_a_copy_is_of_the_agencys_recording_and_goes_to_the_caller() -> None:
    assert all_are(Label.COPY, labels("mag ik een kopie van jullie opname", "kunt u mij de op name toe sturen"))
    assert classify("ja stuur maar een kopie", Expecting.AFTER).label is Label.COPY
    assert all_are(
        Label.NONE,
        labels("ik ontvang graag een kopie van de beschikking", "ik kan u de opname van de deurbel sturen"),
    )


def test_the_same_words_weigh_differently_by_state() -> None:
    assert classify("ja graag", Expecting.AFTER).label is Label.YES
    assert classify("ja graag", Expecting.RECORDING).label is Label.NONE
    assert classify("ik wil dit gesprek opnemen", Expecting.CONFIRMING).label is Label.REQUEST


def test_evidence_names_the_rule_the_words_and_the_repairs() -> None:
    intent = classify("ik neem dit ge sprek ob")
    assert intent.evidence[0] == "regel: de beller neemt op"
    assert intent.evidence[1] == "wat: dit gesprek"
    assert "dit gesprek" in intent.evidence[2]
    assert "hersteld: ge sprek = gesprek" in intent.evidence
    assert intent.confidence < classify("ik neem dit gesprek op").confidence


@pytest.mark.parametrize("text", ["", " ", ".", "?!", "\x00\x07", "12 34", "。", "\u202e", "😀", "this is not dutch"])
@pytest.mark.parametrize("expecting", [None, *Expecting])
def test_text_without_words_of_ours_gives_nothing_or_unclear(text: str, expecting: Expecting | None) -> None:
    assert classify(text, expecting).label in {Label.NONE, Label.UNCLEAR}


def test_a_text_too_long_to_be_an_utterance_is_cut_and_never_a_yes() -> None:
    tail = "ja " * 33_000 + "nee"
    assert classify(tail, Expecting.CONFIRMING).label is Label.UNCLEAR
    assert classify("ik neem dit gesprek op " * 4_000, Expecting.LISTENING).label is Label.REQUEST


def test_none_without_words_carries_no_evidence() -> None:
    assert classify("goedemorgen") == Intent(Label.NONE, classify("goedemorgen").confidence, ())
