"""Which version of which policy answers."""

from datetime import date
from hashlib import sha256
from pathlib import Path

import pytest

from services.scoring.commands.policies.policy_library import PolicyLibrary
from services.scoring.domain.errors import PolicyNotInForceError, PolicyUnknownError
from services.scoring.store.policies import load_policies
from tests.fakes.scoring_policies import ALL, LOCAL_GRADE, POLICIES, write_policies

TODAY = date(2025, 6, 1)
FIRE, WORK_SAFETY = 2, 1


def local(policy_id: str, field: str, division: str) -> str:
    """Make a grade policy of a place."""
    return (
        LOCAL_GRADE.replace("cn.test.local.grade", policy_id)
        .replace("field: fire", f"field: {field}")
        .replace('division: "110105"', f'division: "{division}"')
    )


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> PolicyLibrary:
    """Give policies of a district, a city, a province and the country."""
    files = {
        "a.yaml": local("a.district", "fire", "320612"),
        "b.yaml": local("b.district", "all", "320612"),
        "c.yaml": local("c.city", "all", "320600"),
        "d.yaml": local("d.province", "fire", "320000"),
        "e.yaml": local("e.country", "all", "000000"),
        "f.yaml": local("f.country", "fire", "000000"),
    }
    folder = tmp_path_factory.mktemp("places")
    return load_policies(write_policies(folder, {f"x/{n}": text for n, text in files.items()}))


@pytest.mark.parametrize(
    ("field", "division", "policy_id"),
    [
        pytest.param(FIRE, 320612, "a.district", id="district-field-first"),
        pytest.param(WORK_SAFETY, 320612, "b.district", id="district-every-field"),
        pytest.param(FIRE, 320613, "c.city", id="city-before-field-of-the-province"),
        pytest.param(FIRE, 320500, "d.province", id="province"),
        pytest.param(WORK_SAFETY, 320500, "e.country", id="country-every-field"),
        pytest.param(FIRE, 110105, "f.country", id="country-field-first"),
        pytest.param(FIRE, None, "f.country", id="unknown-place"),
        pytest.param(0, 320612, "a.district", id="any-field"),
    ],
)
def test_the_most_local_policy_applies_then_that_of_the_field(
    places: PolicyLibrary, field: int, division: int | None, policy_id: str
) -> None:
    """District, city, province, country; in one place the field's own before every field's."""
    found = places.most_local("grade", field=field, division=division, as_of=TODAY)

    assert found.policy_id == policy_id


def test_all_that_applies_is_found_upwards(places: PolicyLibrary) -> None:
    """For lists every policy of the place and above it counts, by identifier."""
    found = places.applying("grade", field=FIRE, division=320613, as_of=TODAY)

    assert [one.policy_id for one in found] == [
        "c.city",
        "d.province",
        "e.country",
        "f.country",
    ]


def test_nothing_applies_before_the_first_policy(places: PolicyLibrary) -> None:
    """The refusal names kind, place and day."""
    with pytest.raises(PolicyNotInForceError) as error:
        places.most_local("grade", field=FIRE, division=320612, as_of=date(2019, 12, 31))

    assert error.value.facts["division"] == "320612"
    assert error.value.facts["as_of"] == "2019-12-31"


@pytest.mark.parametrize(
    ("kind", "policy_id", "version"),
    [("grade", "cn.nothing", ""), ("list", "cn.test.grade", ""), ("grade", "cn.test.grade", "x")],
)
def test_an_unknown_name_is_refused(
    library: PolicyLibrary, kind: str, policy_id: str, version: str
) -> None:
    """No such policy, none of the kind, and no such version are one reason."""
    with pytest.raises(PolicyUnknownError):
        library.named(kind, policy_id, version=version, as_of=TODAY)


@pytest.mark.parametrize(
    ("as_of", "version", "until"),
    [
        pytest.param(date(2015, 1, 1), "one", date(2025, 7, 1), id="first-day"),
        pytest.param(date(2025, 6, 30), "one", date(2025, 7, 1), id="last-day"),
        pytest.param(date(2025, 7, 1), "two", None, id="next-version"),
    ],
)
def test_a_version_answers_until_the_next(
    library: PolicyLibrary, as_of: date, version: str, until: date | None
) -> None:
    """Both ends of a version: the start is included, the end is not."""
    found = library.named("grade", "cn.test.grade", version="", as_of=as_of)

    assert (found.compiled.version.version, found.until) == (version, until)


def test_a_more_local_policy_to_come_ends_an_answer(library: PolicyLibrary) -> None:
    """Until 2020 the country's policy answers for Chaoyang's fire safety, then Chaoyang's own."""
    before = library.most_local("grade", field=FIRE, division=110105, as_of=date(2019, 12, 31))
    after = library.most_local("grade", field=FIRE, division=110105, as_of=date(2020, 1, 1))

    assert (before.policy_id, before.until) == ("cn.test.grade", date(2020, 1, 1))
    assert (after.policy_id, after.until) == ("cn.test.local.grade", None)


def test_what_is_taken_in_is_pinned_once_in_order(library: PolicyLibrary) -> None:
    """The rate takes grade and list, the list takes the grade: grade first, and once."""
    found = library.named("rate", "cn.test.rate", version="", as_of=TODAY)

    assert [one.policy_id for one in found.sources] == ["cn.test.grade", "cn.test.list"]
    assert found.until == date(2025, 7, 1)
    assert found.needs.attributes == {"headcount", "industry", "kind"}
    assert set(found.needs.records) == {"accident", "penalty", "violation"}
    assert "major" in found.needs.records["penalty"]


def test_a_fixed_version_is_bound_by_what_it_takes_in_alone(library: PolicyLibrary) -> None:
    """Its own end does not count, and inputs are those of the day given."""
    pinned = library.named("rate", "cn.test.rate", version="", as_of=date(2025, 12, 31))
    fixed = library.fixed(pinned, TODAY)

    assert pinned.until == date(2026, 1, 1)
    assert fixed.until == date(2025, 7, 1)
    assert [one.compiled.version.version for one in fixed.sources] == ["one", "one"]


def test_a_source_that_is_not_in_force_yet_is_left_out(library: PolicyLibrary) -> None:
    """Named for a day before its sources, a version is pinned without them, until they begin."""
    found = library.named("rate", "cn.test.rate", version="one", as_of=date(2014, 12, 31))

    assert found.sources == ()
    assert found.until == date(2015, 1, 1)


def test_a_digest_tells_everything_that_an_answer_rests_on(
    library: PolicyLibrary, tmp_path: Path
) -> None:
    """Another version, or another value of what is taken in, is another digest; no title is."""
    texts = [
        {**ALL, "cn/grade.yaml": ALL["cn/grade.yaml"].replace(old, new)}
        for old, new in (("测试等级", "别的等级"), ("amount: -30", "amount: -31"))
    ]
    renamed = load_policies(write_policies(tmp_path / "renamed", texts[0]))
    other = load_policies(write_policies(tmp_path / "other", texts[1]))

    def digest(one: PolicyLibrary, policy_id: str, as_of: date = TODAY) -> str:
        return one.named("", policy_id, version="", as_of=as_of).digest

    assert digest(library, "cn.test.rate") == digest(library, "cn.test.rate", date(2025, 6, 30))
    assert digest(library, "cn.test.rate") != digest(library, "cn.test.rate", date(2025, 7, 1))
    assert digest(library, "cn.test.rate") == digest(renamed, "cn.test.rate")
    assert digest(library, "cn.test.rate") != digest(other, "cn.test.rate")
    assert digest(library, "cn.test.local.grade") == digest(other, "cn.test.local.grade")
    assert library.digest != other.digest


def test_a_later_version_ends_what_is_kept_and_renames_nothing(
    library: PolicyLibrary, tmp_path: Path
) -> None:
    """Values and answers stand as they were; until when they do is looked at anew."""
    later = (
        '  - version: "three"\n    start_date: 2030-01-01\n    end_date: null\n'
        '    extends: {policy: cn.test.grade, version: "two"}\n'
        '    replaces: {version: "two", source: {article: 第一条, confidence: assumed}}\n'
        "    source: {instrument: 新办法, confidence: assumed}\n"
    )
    texts = {**ALL, "cn/grade.yaml": ALL["cn/grade.yaml"] + later}
    other = load_policies(write_policies(tmp_path, texts))

    before, after = (
        one.named("", "cn.test.grade", version="", as_of=date(2025, 7, 1))
        for one in (library, other)
    )

    assert (before.until, after.until) == (None, date(2030, 1, 1))
    assert before.compiled.digest == after.compiled.digest
    assert before.rules == after.rules
    assert before.digest != after.digest


def test_a_digest_of_a_file_means_its_versions_as_long_as_it_is_the_same(
    library: PolicyLibrary, tmp_path: Path
) -> None:
    """What was kept before versions had digests of their own is understood, and never mixed."""
    texts = {**ALL, "cn/grade.yaml": ALL["cn/grade.yaml"] + "# Seen.\n"}
    other = load_policies(write_policies(tmp_path, texts))
    content = ALL["cn/grade.yaml"].lstrip().encode()

    versions = [one.find("cn.test.grade", "two") for one in (library, other)]

    assert [one and one.is_meant_by(sha256(content).hexdigest()) for one in versions] == [
        True,
        False,
    ]
    assert {one.digest for one in versions if one} == {versions[0] and versions[0].digest}
    assert not any(one and one.is_meant_by("") for one in versions)


def test_rate_of_another_insurance_is_found_by_name_only() -> None:
    """Where no liability rate is in force, work-injury insurance does not stand in for it."""
    library = load_policies(POLICIES)

    with pytest.raises(PolicyNotInForceError):
        library.most_local("rate", field=WORK_SAFETY, division=440305, as_of=date(2026, 11, 22))
    named = library.named("rate", "cn.work-injury-rate", version="", as_of=date(2026, 11, 22))
    assert named.policy_id == "cn.work-injury-rate"


def test_of_two_fields_of_one_place_work_safety_comes_first() -> None:
    """Asked without a field, a district answers with its grade of work safety."""
    library = load_policies(POLICIES)

    found = library.most_local("grade", field=0, division=110105, as_of=date(2026, 11, 22))

    assert found.policy_id == "cn.beijing.chaoyang.grade.work-safety"
