"""What the public reads of an agency's rules (R2): everything that its profile says, and nothing that it does not."""

import re
from html import unescape
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from config.policy import RULES, AgencyPolicy
from config.policy_file import load_policies
from tests.ivr.web.frisian import MARK, add_frisian_catalog, with_frisian
from tests.ivr.web.public_house import EXAMPLE, LOCALE, LOG_KEY, PROFILES, changed_app, public_app

POLICIES = load_policies(PROFILES).by_slug
SLUGS = sorted(POLICIES)
PAGES = ("", "/folder", "/werkinstructie")


@pytest.fixture(scope="module")
def client() -> FlaskClient:
    return public_app(PROFILES).test_client()


def read(client: FlaskClient, path: str) -> str:
    """The page as text: without tags, entities and double spaces."""
    page = client.get(path)
    assert page.status_code == 200, path
    text = re.sub(r"<head>[\s\S]*?</head>", "", page.text)
    text = re.sub(r"</(?:td|th|li|dt|dd|p|caption|h\d)>", " ", text)
    return " ".join(unescape(re.sub(r"<[^>]+>", "", text)).split())


def words_of(policy: AgencyPolicy, language: str) -> list[str]:
    """What has to be on the page."""
    texts = [policy.public.intro, policy.third_person, policy.complaint.who, policy.covert.message]
    texts += [reason.text for reason in policy.objection_reasons]
    texts += [alternative.text for alternative in policy.alternatives]
    texts += [text for channel in policy.channels for text in (channel.name, channel.instruction)]
    texts += [text for paragraph in policy.public.paragraphs for text in (paragraph.heading, paragraph.text)]
    texts += [step.duty.todo for step in policy.misuse_steps]
    texts += [text for kind in policy.conversation_kinds if kind.excluded for text in (kind.text, kind.excluded.spoken)]
    texts += [text for text in (policy.listening.on_site, policy.covert.publication) if text]
    contact = policy.controller.contact.removeprefix("https://")
    controller = (policy.controller.name, policy.controller.address, contact)
    other = [policy.complaint.where, policy.version, policy.digest, *controller, *policy.sources.values()]
    return [" ".join(text.split()) for text in (*(text[language] for text in texts), *other)]


@pytest.mark.parametrize("slug", SLUGS)
@pytest.mark.parametrize("language", ["nl", "en"])
def test_everything_in_the_profile_is_on_the_page(client: FlaskClient, slug: str, language: str) -> None:
    page = read(client, f"/spelregels/{slug}?taal={language}")
    assert [words for words in words_of(POLICIES[slug], language) if words not in page] == []
    assert all(f"{rule}." in page for rule in RULES)


@pytest.mark.parametrize("slug", SLUGS)
@pytest.mark.parametrize("language", ["nl", "en"])
def test_leaflet_and_instruction_begin_with_the_agencys_own_words(
    client: FlaskClient, slug: str, language: str
) -> None:
    own = POLICIES[slug].public
    assert own.leaflet[language] in read(client, f"/spelregels/{slug}/folder?taal={language}")
    assert own.work_instruction[language] in read(client, f"/spelregels/{slug}/werkinstructie?taal={language}")


@pytest.mark.parametrize("slug", SLUGS)
def test_the_work_instruction_tells_each_promise_with_who_and_when(client: FlaskClient, slug: str) -> None:
    page = read(client, f"/spelregels/{slug}/werkinstructie")
    policy = POLICIES[slug]
    duties = [item.follow for item in policy.alternatives if item.follow]
    for duty in (*duties, *(step.duty for step in policy.misuse_steps)):
        days = "1 dag" if duty.within_days == 1 else f"{duty.within_days} dagen"
        assert f"{' '.join(duty.todo['nl'].split())} {duty.owner} {days}" in re.sub(r"\s+", " ", page)
    assert "Vraag nooit naar de reden" in page


@pytest.mark.parametrize("slug", SLUGS)
def test_the_work_instruction_tells_of_keys_where_employees_have_them(client: FlaskClient, slug: str) -> None:
    page = read(client, f"/spelregels/{slug}/werkinstructie")
    assert ("hoort een menu" in page) == POLICIES[slug].employee.keys


@pytest.mark.parametrize("language", ["nl", "en"])
def test_everybody_can_read_the_public_key_of_the_log(client: FlaskClient, language: str) -> None:
    """A proof is worth as much as the key that it is checked with."""
    assert LOG_KEY in read(client, f"/spelregels/ind?taal={language}")


def test_the_page_says_how_to_announce_and_that_no_reason_is_asked(client: FlaskClient) -> None:
    page = read(client, "/spelregels/example")
    for words in (
        "Dat kan op elk moment van het gesprek",
        "Toets een 1 terwijl u de begroeting hoort",
        "Toets een sterretje (*) tijdens het gesprek",
        "U hoeft niet te zeggen waarom u opneemt",
        "Dan nemen wij het gesprek ook op. Wij zeggen dat eerst.",
        "Knip en plak niet",
        "Maak geen video",
        "binnen 42 dagen",
        "De link en de code werken 14 dagen",
        "U kunt ook terugspoelen",
        "Onze opname 30 dagen",
        "artikel 6(1)(e) van de AVG",
        "niet in uw dossier",
        "Deze pagina toont de spelregels van 3 november 2026. Het is versie 2.",
    ):
        assert words in page, words


def test_an_english_page_gives_the_words_that_the_bot_understands(client: FlaskClient) -> None:
    page = client.get("/spelregels/example?taal=en").text
    assert '<q lang="nl">Ik wil dit gesprek opnemen.</q>' in page
    assert "the rules of 3 November 2026" in page


@pytest.mark.parametrize(
    ("change", "present", "absent"),
    [
        (
            ('"when-the-caller-records"', '"always"'),
            "Wij nemen onze gesprekken zelf altijd op",
            "Dan nemen wij het gesprek ook op",
        ),
        (('"when-the-caller-records"', '"never"'), "Wij nemen het gesprek dan zelf niet op", "Staat u in de wacht"),
        (
            ("offer = true", "offer = false"),
            "Wilt u een kopie van onze opname? Vraag er dan om.",
            "een sms met een link",
        ),
        (('by = "sms"', 'by = "code"'), "De code werkt 14 dagen", "een sms met een link"),
        (("ask_theirs = false", "ask_theirs = true"), "Dan vragen wij u na het gesprek", "Dan kunnen wij u"),
        (("online = true", "online = false"), "in het gemeentehuis", "terugspoelen"),
        (("dossier = false", "dossier = true"), "komt in uw dossier", "niet in uw dossier"),
        (
            ("training = false", "training = true"),
            "als u en de medewerker het allebei goed vinden",
            "niet om medewerkers",
        ),
        (('"6(1)(e)"', '"6(1)(c)"'), "De wet verplicht ons daartoe", "algemeen belang"),
        (
            (
                "[[misuse_steps]]",
                'publication.nl = "Wij wegen dat."\npublication.en = "We weigh it."\n[[misuse_steps]]',
            ),
            "Wij wegen dat.",
            "Gesprekken die u niet kunt opnemen",
        ),
        (
            (
                "excluded = false",
                'excluded = true\nspoken.nl = "Dit kan niet."\nspoken.en = "No."\nalternative = "verslag"',
            ),
            "Een gewoon gesprek. Dit kan niet. Dit bieden wij aan: De beller krijgt een schriftelijk verslag",
            "Als de burger",
        ),
        (
            (
                "[sources]",
                '[[public.paragraphs]]\nheading.nl = "Eigen kop"\nheading.en = "Own"\ntext.nl = "<b>&"\ntext.en = "x"\n'
                "[sources]",
            ),
            "Eigen kop <b>&",
            "Own",
        ),
    ],
)
def test_the_page_follows_the_profile(tmp_path: Path, change: tuple[str, str], present: str, absent: str) -> None:
    page = read(changed_app(tmp_path, change).test_client(), "/spelregels/example")
    assert present in page
    assert absent not in page


def test_where_the_agency_never_records_no_copy_is_promised(tmp_path: Path) -> None:
    app = changed_app(
        tmp_path, ('"when-the-caller-records"', '"never"'), ("agency_records = true", "agency_records = false")
    )
    page = read(app.test_client(), "/spelregels/example")
    assert "Daarom kunnen wij u geen kopie geven" in page
    assert "Onze opname 30 dagen" not in page
    assert "Een kopie" not in read(app.test_client(), "/spelregels/example/folder")


def test_a_second_language_is_named_where_the_bot_speaks_it(tmp_path: Path) -> None:
    for spoken, named in ((("nl", "en"), True), (("nl",), False)):
        page = read(public_app(PROFILES, spoken=spoken).test_client(), "/spelregels/example")
        assert ("in een andere taal horen (English)? Toets dan een 9" in page) is named


def test_without_other_channels_there_is_no_heading_for_them(tmp_path: Path) -> None:
    text = EXAMPLE[EXAMPLE.index("[[channels]]") : EXAMPLE.index("# ---- the public page")]
    client = changed_app(tmp_path, (text, "")).test_client()
    assert "Op een andere plek" not in read(client, "/spelregels/example")
    assert "Niet aan de telefoon" not in read(client, "/spelregels/example/werkinstructie")


def test_all_agencies_are_listed(client: FlaskClient) -> None:
    page = client.get("/spelregels").text
    for slug, policy in POLICIES.items():
        assert f'<a href="/spelregels/{slug}">{policy.name["nl"]}</a>' in page
    english = client.get("/spelregels?taal=en").text
    assert f'<a href="/spelregels/example?taal=en">{POLICIES["example"].name["en"]}</a>' in english


@pytest.mark.parametrize("slug", ["onbekend", "example%00", "..%2Fexample", "EXAMPLE", "x" * 3000, "<b>"])
@pytest.mark.parametrize("page", PAGES)
def test_an_unknown_agency_is_not_found_and_stays_out_of_indexes(client: FlaskClient, slug: str, page: str) -> None:
    answer = client.get(f"/spelregels/{slug}{page}", headers={"Accept": "text/html"})
    assert answer.status_code == 404
    assert "Deze pagina bestaat niet" in answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    assert "noindex" in answer.headers["X-Robots-Tag"]


@pytest.mark.parametrize("page", ["", "/example", "/example/folder", "/example/werkinstructie"])
def test_pages_may_be_cached_and_found_and_are_strict_all_the_same(client: FlaskClient, page: str) -> None:
    answer = client.get(f"/spelregels{page}")
    assert answer.headers["Cache-Control"] == "public, max-age=300"
    assert answer.headers["X-Robots-Tag"] == "all"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert "Set-Cookie" not in answer.headers
    assert not re.search(r'<script|style=|<style|(?:src|<link[^>]+href)="(?:https?:)?//', answer.text)


def test_what_a_cache_keeps_does_not_depend_on_the_browser(client: FlaskClient) -> None:
    english = client.get("/spelregels/example", headers={"Accept-Language": "en"})
    assert english.text == client.get("/spelregels/example").text
    assert '<html lang="nl"' in english.text
    assert '<a href="?taal=en" lang="en" hreflang="en">English</a>' in english.text


def test_addresses_on_paper_are_the_installations_own(client: FlaskClient) -> None:
    page = client.get("/spelregels/example/folder", headers={"Host": "elders.example"})
    assert "spelregel.test/spelregels/example" in page.text
    assert "elders.example" not in page.text


@pytest.mark.parametrize("page", PAGES)
def test_frisian_needs_a_catalog_and_texts_in_the_profile_only(tmp_path: Path, page: str) -> None:
    add_frisian_catalog(tmp_path / "locale")
    app = changed_app(tmp_path, (EXAMPLE, with_frisian(EXAMPLE)), locale=tmp_path / "locale")
    text = app.test_client().get(f"/spelregels/example{page}?taal=fy").text
    assert '<html lang="fy"' in text
    main = text.split("<main", 1)[1].split("</main>")[0]
    own = re.sub(r"<(address|dd|td|span|p)[^>]* lang=[\s\S]*?</\1>|<code>.*?</code>|</?(?:strong|q)>", "", main)
    shown = [" ".join(unescape(text).split()) for text in re.findall(r">([^<>]*[a-z]{3}[^<>]*)<", own)]
    addresses = ("spelregel.test", "voorbeeld.", "Autoriteit Persoonsgegevens")
    assert shown
    assert [text for text in shown if MARK.strip() not in text and not text.startswith(addresses)] == []


def test_a_profile_in_a_language_without_a_catalog_does_not_offer_it(tmp_path: Path) -> None:
    app = changed_app(tmp_path, (EXAMPLE, with_frisian(EXAMPLE)), locale=LOCALE)
    page = app.test_client().get("/spelregels/example?taal=fy").text
    assert '<html lang="nl"' in page
    assert 'hreflang="fy"' not in page
