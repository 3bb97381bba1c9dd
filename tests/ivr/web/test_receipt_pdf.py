"""The receipt as a PDF: for everybody to read, to be kept, and never more than text."""

import io
import shutil
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.calls.receipt_file import Issued
from ivr.dialogue.events import ObjectionRaised
from ivr.web.language import choose_language
from ivr.web.receipts.document import Document, Row, Section, Table, Words, bullets, facts, paragraph
from ivr.web.receipts.pdf import CANNOT, PRINTABLE, draw_pdf, printable
from ivr.web.receipts.telling import document_of
from storage.session import migrate
from tests.builders import House
from tests.ivr.web.receipts import OUTSIDER, finish, hang_up, issued

Press = Callable[[Document], bytes]
NASTY = '#panic() [x] *b* $x$ @ref // c \\ `raw` <b>één</b> & "ëïü" ${7*7} {{7*7}}'


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A recorded call, in which the employee objected in their own words."""
    folder = tmp_path_factory.mktemp("pdf")
    url = f"sqlite:///{folder / 'log.db'}"
    migrate(url)
    house = House(folder, url)
    house.recorded()
    house.happens(ObjectionRaised("anders", "eigen-opname", True, reason_text=NASTY, employee="m.jansen"))
    finish(house, NASTY)
    yield house
    house.close()


@pytest.fixture(scope="module")
def receipt(house: House) -> Issued:
    return issued(house)


@pytest.fixture(scope="module")
def drawn(house: House, receipt: Issued) -> bytes:
    return draw(house, receipt)


@pytest.fixture(scope="module")
def press(receipt: Issued) -> Press:
    """Draws any document."""
    return lambda document: draw_pdf(receipt, document)


@pytest.fixture
def pdf(drawn: bytes) -> Iterator[pikepdf.Pdf]:
    with pikepdf.open(io.BytesIO(drawn)) as pdf:
        yield pdf


def draw(house: House, receipt: Issued, language: str = "nl") -> bytes:
    with house.app.test_request_context(f"/?taal={language}"):
        choose_language()
        return draw_pdf(receipt, document_of(receipt))


def text_of(drawn: bytes, folder: Path) -> str:
    """As a screen reader's user or a search gets it."""
    if shutil.which("pdftotext") is None:
        pytest.skip("no pdftotext on this machine (Debian: apt install poppler-utils)")
    path = folder / "receipt.pdf"
    path.write_bytes(drawn)
    told = subprocess.run(["pdftotext", "-raw", path, "-"], capture_output=True, check=True)
    return told.stdout.decode()


def structure(element: Any) -> Iterator[pikepdf.Object]:
    """Each element of the structure tree, in the order in which it is read."""
    if isinstance(element, pikepdf.Array):
        for one in element:
            yield from structure(one)
    elif isinstance(element, pikepdf.Dictionary) and ("/S" in element or "/K" in element):
        if "/S" in element:
            yield element
        yield from structure(element.get("/K", pikepdf.Array()))


def tags(pdf: pikepdf.Pdf) -> list[str]:
    return [str(element.S) for element in structure(pdf.Root.StructTreeRoot.K)]


# ------------------------------------------------------------ for everybody


def test_it_says_that_it_is_tagged_and_to_be_kept_in_which_language_and_what_it_is(pdf: pikepdf.Pdf) -> None:
    assert bool(pdf.Root.MarkInfo.Marked)
    assert str(pdf.Root.Lang).startswith("nl")
    assert bool(pdf.Root.ViewerPreferences.DisplayDocTitle)
    with pdf.open_metadata() as told:
        assert told["dc:title"] == "Bewijs van uw gesprek met gemeente Voorbeeld"
        assert told["pdfuaid:part"] == "1"
        assert (told["pdfaid:part"], told["pdfaid:conformance"]) == ("3", "A")


def test_headings_lists_and_the_table_are_what_they_look_like(pdf: pikepdf.Pdf, receipt: Issued) -> None:
    found = Counter(tags(pdf))
    assert found["/H1"] + found["/Title"] >= 8
    assert found["/Table"] == 1
    assert found["/TH"] == 3
    assert found["/TR"] == len(receipt.receipt.events) + 1
    assert found["/L"] >= 4
    assert found["/Link"] == 2
    heads = [element for element in structure(pdf.Root.StructTreeRoot.K) if str(element.S) == "/TH"]
    assert all("/Scope /Column" in head.A.unparse(resolved=True).decode() for head in heads)


def test_every_picture_has_a_text(pdf: pikepdf.Pdf) -> None:
    """There is none today; one that comes must not be silent."""
    pictures = [element for element in structure(pdf.Root.StructTreeRoot.K) if str(element.S) == "/Figure"]
    assert all(str(picture.get("/Alt", "")) for picture in pictures)
    assert sum(len(page.Resources.get("/XObject", {})) for page in pdf.pages) <= len(pictures)


def test_the_headings_are_bookmarks(pdf: pikepdf.Pdf) -> None:
    with pdf.open_outline() as outline:
        names = [str(item.title) for item in outline.root]
    assert names[0] == "In het kort"
    assert names[-1] == "Een klacht"


def test_links_lead_to_the_rules_and_the_complaint(pdf: pikepdf.Pdf) -> None:
    links = {str(note.A.URI) for page in pdf.pages for note in page.get("/Annots", []) if str(note.Subtype) == "/Link"}
    assert links == {"https://spelregel.test/spelregels/example", "https://voorbeeld.example/klacht"}


def test_its_fonts_are_in_it_and_its_type_is_large(pdf: pikepdf.Pdf, drawn: bytes) -> None:
    fonts = {
        str(font.BaseFont): font.DescendantFonts[0].FontDescriptor
        for page in pdf.pages
        for font in page.Resources.Font.values()
    }
    assert fonts
    assert all("/FontFile2" in told or "/FontFile3" in told for told in fonts.values())


def test_nothing_in_it_acts(drawn: bytes) -> None:
    for active in (b"/JavaScript", b"/JS", b"/Launch", b"/OpenAction", b"/AA ", b"/SubmitForm"):
        assert active not in drawn


# ------------------------------------------------------------ what it says


def test_it_says_what_was_said_as_it_was_said(drawn: bytes, receipt: Issued, tmp_path: Path) -> None:
    text = " ".join(text_of(drawn, tmp_path).split())
    for told in (
        NASTY,
        "U zei dat u wilde opnemen",
        "ik neem dit gesprek op",
        "Waarom u niet mocht opnemen",
        "Klachtencommissie",
        receipt.receipt_id,
        receipt.keys[0].vkey(),
        receipt.receipt.recording.digest if receipt.receipt.recording else "?",
    ):
        assert told in text, told
    assert "m.jansen" not in text


def test_it_is_there_in_english(house: House, receipt: Issued, tmp_path: Path) -> None:
    drawn = draw(house, receipt, "en")
    text = text_of(drawn, tmp_path)
    assert "Proof of your call with the municipality of Voorbeeld" in " ".join(text.split())
    assert "Wat er is" not in text
    with pikepdf.open(io.BytesIO(drawn)) as pdf:
        assert str(pdf.Root.Lang).startswith("en")


def test_the_same_receipt_gives_the_same_bytes(house: House, receipt: Issued, drawn: bytes) -> None:
    assert draw(house, receipt) == drawn


def test_many_are_drawn_at_once(press: Press) -> None:
    with ThreadPoolExecutor(4) as pool:
        drawn = list(pool.map(press, [of_text(str(number % 3)) for number in range(12)]))
    assert len(set(drawn)) == 3


def test_the_file_that_proves_it_is_attached(pdf: pikepdf.Pdf, receipt: Issued) -> None:
    [(name, attached)] = pdf.attachments.items()
    assert name == "bewijs-example-2026-11-03-1405.json"
    file = attached.get_file().read_bytes()
    assert file == receipt.as_file()
    assert OUTSIDER.check_receipt(file, receipt.keys[0].vkey()) == len(receipt.receipt.events)


# ------------------------------------------------------------ any text at all


def of_text(text: str) -> Document:
    """This text wherever one can stand; a heading always has words of ours."""
    words = Words(text, "nl")
    table = Table(text, (text, text, text), (Row(1, text, text, (words, words), text),))
    blocks = (paragraph(words, Words(text, code=True)), bullets(text, (text, words)), facts((text, words)), table)
    return Document(f"x{text}", "nl", text, text, text, facts((text, text)), (Section(f"x{text}", blocks),))


@settings(max_examples=60, deadline=None)
@given(text=st.text(st.characters(exclude_categories=["Cs"])) | st.text("#[]$*_`\\/@<>=+-~\"'(){}:;!\n"))
def test_any_text_is_drawn_as_text(press: Press, text: str) -> None:
    assert press(of_text(text)).startswith(b"%PDF-1.7")


def test_every_character_that_counts_as_printable_has_a_shape(press: Press) -> None:
    every = "".join(printable("".join(map(chr, part))) for part in PRINTABLE)
    assert press(of_text(every)).startswith(b"%PDF-1.7")


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("één ï ë € — “ja”", "één ï ë € — “ja”"),
        ("ja 😀 中", f"ja {CANNOT} {CANNOT}"),
        ("niet\u202etsew\u202c wel\u200b\u0007", "niettsew wel"),
        ("a\nb\tc", "a b c"),
        ("e\u0301", "é"),
    ],
)
def test_what_cannot_be_printed_is_shown_to_be_there_and_what_hides_is_left_out(text: str, printed: str) -> None:
    assert printable(text) == printed


def test_a_long_call_is_drawn_whole(press: Press) -> None:
    rows = tuple(Row(number, "14.05.00", "De bot zei", (Words("woord " * 40, "nl"),), "") for number in range(400))
    table = Table("x", ("a", "b", "c"), rows)
    long = Document("x", "nl", "x", "x", "x", facts(("a", "b")), (Section("s", (table,)),))
    with pikepdf.open(io.BytesIO(press(long))) as pdf:
        assert len(pdf.pages) > 20
        assert Counter(tags(pdf))["/TR"] >= 401


def test_a_call_without_a_recording_says_nothing_of_a_file(tmp_path: Path, sqlite_url: str) -> None:
    house = House(tmp_path, sqlite_url)
    house.together()
    hang_up(house)
    text = text_of(draw(house, issued(house)), tmp_path)
    house.close()
    assert "Wij hebben niet opgenomen." in text
    assert "sha256sum" not in text
