"""Agency profiles: the ones we ship load, and a fault in one points at its file, line and field."""

import dataclasses
from pathlib import Path

import pytest

import config.policy
from config.policy import AgencyPolicy, PolicyError
from config.policy_file import load_policies, load_policy, parse_policy

SHIPPED = Path(config.policy.__file__).parent / "policies"
EXAMPLE = (SHIPPED / "example.toml").read_text(encoding="utf-8")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "example.toml").write_text(EXAMPLE, encoding="utf-8")
    return tmp_path


def changed(folder: Path, old: str, new: str) -> AgencyPolicy:
    assert old in EXAMPLE
    path = folder / "example.toml"
    path.write_text(EXAMPLE.replace(old, new, 1), encoding="utf-8")
    return load_policy(path)


def fault_of(folder: Path, old: str, new: str) -> str:
    with pytest.raises(PolicyError) as caught:
        changed(folder, old, new)
    return str(caught.value)


def line_of(text: str) -> int:
    return next(number for number, line in enumerate(EXAMPLE.splitlines(), start=1) if line.startswith(text))


@pytest.mark.parametrize("path", sorted(SHIPPED.glob("*.toml")), ids=lambda path: path.stem)
def test_every_shipped_profile_loads(path: Path) -> None:
    policy = load_policy(path)
    assert policy.slug == path.stem
    assert policy.languages == ("nl", "en")
    assert parse_policy(policy.document, policy.slug) == policy


def test_the_demo_agency_owns_the_demo_number() -> None:
    policies = load_policies(SHIPPED)
    assert policies.for_number("+31201234567") == policies.get("example")


def test_a_number_without_a_profile_goes_to_the_default_agency_or_nowhere() -> None:
    assert load_policies(SHIPPED).for_number("+31880000000") is None
    assigned = load_policies(SHIPPED, default="example").for_number("+31880000000")
    assert assigned is not None
    assert assigned.slug == "example"


def test_an_unknown_agency_is_named_with_those_that_exist() -> None:
    with pytest.raises(PolicyError, match=r"no profile is called gemeente; there are: .*example"):
        load_policies(SHIPPED, default="gemeente")


def test_reasons_and_alternatives_are_found_by_their_code() -> None:
    policy = load_policy(SHIPPED / "example.toml")
    assert policy.find_reason("derde-persoon") == policy.objection_reasons[0]
    assert policy.find_alternative("verslag") == policy.alternatives[0]
    assert policy.find_reason("verslag") is None


def test_layout_and_comments_do_not_change_the_digest_and_content_does(folder: Path) -> None:
    plain = load_policy(SHIPPED / "example.toml")
    assert changed(folder, 'version = "2"\n', '# reviewed\n\nversion   = "2"\n').digest == plain.digest
    rewritten = changed(folder, "reprompts = 1", "reprompts = 2")
    assert rewritten.digest != plain.digest
    assert dataclasses.replace(rewritten, digest=plain.digest, document=plain.document, rules=plain.rules) == plain


@pytest.mark.parametrize(
    ("line", "new", "fault"),
    [
        ('slug = "example"', 'slug = "voorbeeld"', "slug must be the file's name, example"),
        ('name.nl = "gemeente Voorbeeld"', 'name.nl = " "', "name.nl must be a text"),
        (
            'languages = ["nl", "en"]',
            'languages = ["Nederlands"]',
            "languages must be a list; each item must be a language like nl",
        ),
        ("opening.nl =", 'opening.de = "Sie dürfen." #', "opening.nl is missing; it must be a text"),
        ("opening.nl =", 'opening.nl = "Opnemen mag" #', "opening.nl must be a whole sentence, because it is read out"),
        ("opening.nl =", f'opening.nl = "{"a" * 300}." #', "opening.nl must be at most 300 characters"),
        (
            "opening.nl =",
            'opening.nl = "Opnemen mag. Vertel ons eerst waarom u dat wilt." #',
            'opening.nl may not ask for a reason or a promise: "Vertel ons eerst waarom u"',
        ),
        ("excluded = false", 'excluded = "nee"', "conversation_kinds.1.excluded must be true or false"),
        ("within_days = 10", "within_days = 0", "alternatives.1.within_days must be a whole number from 1 to 366"),
        ('owner = "medewerker"', 'owner = "iemand"', "alternatives.1.owner must be one of: medewerker, leiding"),
        ("online = true", 'online = "ja"', "listening.online must be true or false"),
        ('contact = "', 'country = "Nederland"\ncontact = "', "controller.country must be a country like NL"),
        (
            'contact = "',
            'processing_activity = "register 12"\ncontact = "',
            "controller.processing_activity must be an https address",
        ),
        ("R9 =", "R10 =", "sources.R10 is not a known field"),
        (
            'numbers = ["+31201234567"]',
            'numbers = ["020 1234567"]',
            "numbers must be a list; each item must be a number",
        ),
        ("parallel_recording =", 'parallel_recording = "soms" #', "parallel_recording must be one of: when-the-caller"),
        ("lawful_basis =", 'lawful_basis = "openbare taak" #', "lawful_basis must be an article of the AVG"),
        ('to = ["client:medewerker"]', 'to = ["medewerker"]', "employee.to must be a list; each item must be client"),
        ('to = ["client:medewerker"]', "to = []", "employee.to must name at least one address"),
        ("keys = false", "keys = 0", "employee.keys must be true or false"),
        ("reprompts = 1", "reprompts = true", "rules.reprompts must be a whole number from 0 to 3"),
        ("answer_timeout_s = 6.0", "answer_timeout_s = 0.5", "rules.answer_timeout_s must be a number from 2 to 30"),
        ("offer = true", 'offer = "ja"', "copy.offer must be true or false"),
        ("log_days = 1826", "log_days = 29", "retention.log_days must not be shorter than recording_days"),
        ("url =", 'url = "http://voorbeeld.example" #', "complaint.url must be an https address"),
        ('code = "derde-persoon"', 'code = "Derde persoon"', "objection_reasons.1.code must be a short code"),
        ('code = "privacy"', 'code = "derde-persoon"', "objection_reasons.2.code is there twice: derde-persoon"),
        ("valid_days = 14", "valid_dagen = 14", "copy.valid_dagen is not a known field"),
    ],
)
def test_a_fault_points_at_file_line_and_field(folder: Path, line: str, new: str, fault: str) -> None:
    assert f"{folder}/example.toml:{line_of(line)}: {fault}" in fault_of(folder, line, new)


def test_a_missing_field_points_at_the_table_that_should_have_it(folder: Path) -> None:
    fault = fault_of(folder, "valid_days = 14\n", "")
    place = f"{folder}/example.toml:{line_of('[copy]')}"
    assert fault == f"{place}: copy.valid_days is missing; it must be a whole number from 1 to 366"


def test_where_data_are_kept_and_the_register_may_be_named(folder: Path) -> None:
    plain = load_policy(SHIPPED / "example.toml").controller
    assert (plain.country, plain.processing_activity) == ("NL", None)
    address = "https://voorbeeld.example/register/opnemen"
    controller = changed(
        folder, "[controller]", f'[controller]\ncountry = "BE"\nprocessing_activity = "{address}"'
    ).controller
    assert (controller.country, controller.processing_activity) == ("BE", address)


def test_an_excluded_kind_says_why_and_names_an_alternative(folder: Path) -> None:
    fault = fault_of(folder, "excluded = false", 'excluded = true\nalternative = "taart"')
    assert "conversation_kinds.1.spoken is missing" in fault
    assert "conversation_kinds.1.alternative must be the code of one of the alternatives" in fault
    ours = fault_of(folder, "excluded = false", 'excluded = true\nalternative = "eigen-opname"')
    assert "conversation_kinds.1.alternative must not be the agency's recording" in ours


def test_a_missing_table_is_one_fault(folder: Path) -> None:
    controller = EXAMPLE[EXAMPLE.index("[controller]") : EXAMPLE.index("[rules]")]
    assert fault_of(folder, controller, "") == f"{folder}/example.toml: controller is missing; it must be a table"


def test_an_objection_always_has_an_alternative(folder: Path) -> None:
    alternatives = EXAMPLE[EXAMPLE.index("[[alternatives]]") : EXAMPLE.index("# ---- a recording that nobody")]
    assert "alternatives must have at least one item" in fault_of(folder, alternatives, "")


@pytest.mark.parametrize(("key", "most"), [("objection_reasons", 8), ("alternatives", 9), ("conversation_kinds", 9)])
def test_a_menu_has_a_key_for_everything_in_it(folder: Path, key: str, most: int) -> None:
    """Only where employees choose by key."""
    first = EXAMPLE.index(f"[[{key}]]")
    item = EXAMPLE[first : EXAMPLE.index("\n[[", first + 1) + 1]
    code = next(line for line in item.splitlines() if line.startswith("code"))
    there = EXAMPLE.count(f"[[{key}]]")
    more = "".join(item.replace(code, f'code = "nog-{n}"') for n in range(most - there))
    one_more = more + item.replace(code, 'code = "te-veel"')
    with_keys = EXAMPLE.replace("keys = false", "keys = true")
    path = folder / "example.toml"
    for document in (EXAMPLE.replace(item, item + one_more), with_keys.replace(item, item + more)):
        path.write_text(document, encoding="utf-8")
        load_policy(path)
    path.write_text(with_keys.replace(item, item + one_more), encoding="utf-8")
    with pytest.raises(PolicyError, match=f"{key} must have at most {most} items where employee.keys is true"):
        load_policy(path)


def test_the_faults_of_all_files_come_together(folder: Path) -> None:
    (folder / "example.toml").write_text(EXAMPLE.replace("reprompts = 1", "reprompts = 9"), encoding="utf-8")
    (folder / "kapot.toml").write_text("slug = ", encoding="utf-8")
    with pytest.raises(PolicyError) as caught:
        load_policies(folder)
    first, second = str(caught.value).splitlines()
    assert "example.toml" in first
    assert "kapot.toml: cannot be read" in second


def test_a_number_belongs_to_one_agency(folder: Path) -> None:
    (folder / "tweede.toml").write_text(EXAMPLE.replace('slug = "example"', 'slug = "tweede"'), encoding="utf-8")
    with pytest.raises(
        PolicyError, match=r"tweede.toml: numbers holds \+31201234567, which belongs to example already"
    ):
        load_policies(folder)


def test_a_folder_without_profiles_is_a_fault(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match="there is no profile here"):
        load_policies(tmp_path)
