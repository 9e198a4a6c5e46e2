"""Callers: how metadata names them, and what they may touch."""

import pytest

from services.common.identity import (
    Caller,
    CallerMalformedError,
    CallerMissingError,
    MetadataAuthenticator,
    Role,
    caller_metadata,
    division_prefix,
)

RECORDER = {"x-safetycredit-caller": "liu", "x-safetycredit-roles": "recorder"}


def authenticate(metadata: dict[str, str | bytes]) -> Caller:
    """Find the caller that the metadata names."""
    return MetadataAuthenticator().authenticate(metadata, dict)


def test_metadata_names_the_caller() -> None:
    """Identity, roles, authority, divisions and fields come from five keys."""
    caller = authenticate(
        {
            "x-safetycredit-caller": "liu",
            "x-safetycredit-roles": "recorder, regulator",
            "x-safetycredit-authority": "%E5%B4%87%E5%B7%9D%E5%8C%BA",
            "x-safetycredit-divisions": "110000,320613",
            "x-safetycredit-fields": "fire",
        }
    )

    assert caller == Caller(
        identity="liu",
        roles=frozenset({"recorder", "regulator"}),
        authority="崇川区",
        divisions=frozenset({"11", "320613"}),
        fields=frozenset({"fire"}),
    )


def test_scope_is_empty_unless_given() -> None:
    """A caller that names no division and no field may write nowhere."""
    caller = authenticate({**RECORDER})

    assert not caller.may_write("110105", "fire")


def test_metadata_written_by_a_client_is_read_back() -> None:
    """What `caller_metadata` writes is plain ASCII and names the same caller."""
    caller = Caller(
        identity="王 a/b@c",
        roles=frozenset({Role.AUDITOR, Role.INSURER}),
        authority="南通市崇川区应急管理局",
        divisions=frozenset({"*"}),
        fields=frozenset({"fire", "work_safety"}),
        subject="*",
        on_behalf_of="91110105YY00000289",
    )

    metadata = caller_metadata(caller)

    assert all(text.isascii() for pair in metadata for text in pair)
    assert authenticate(dict(metadata)) == caller


@pytest.mark.parametrize(
    ("metadata", "missing"),
    [
        pytest.param({}, "x-safetycredit-caller", id="nothing"),
        pytest.param(
            {"x-safetycredit-roles": "recorder"}, "x-safetycredit-caller", id="no-identity"
        ),
        pytest.param({"x-safetycredit-caller": "liu"}, "x-safetycredit-roles", id="no-roles"),
    ],
)
def test_a_call_without_a_caller_is_told_what_to_send(
    metadata: dict[str, str | bytes], missing: str
) -> None:
    """The refusal names the key that is missing."""
    with pytest.raises(CallerMissingError) as error:
        authenticate(metadata)

    assert error.value.facts == {"missing": missing}
    assert missing in error.value.message


@pytest.mark.parametrize(
    ("key", "text"),
    [
        pytest.param("x-safetycredit-roles", "recorder,king", id="unknown-role"),
        pytest.param("x-safetycredit-roles", ",", id="no-role"),
        pytest.param("x-safetycredit-caller", "a" * 129, id="identity-too-long"),
        pytest.param("x-safetycredit-caller", "a%0Ab", id="identity-with-a-line-break"),
        pytest.param("x-safetycredit-authority", "%FF%FE", id="not-utf-8"),
        pytest.param("x-safetycredit-authority", b"\xff", id="bytes"),
        pytest.param("x-safetycredit-divisions", "11,beijing", id="division-without-digits"),
        pytest.param("x-safetycredit-subject", "91110105yy00000289", id="subject-in-lower-case"),
        pytest.param("x-safetycredit-subject", "r-100001", id="subject-that-is-a-record"),
        pytest.param("x-safetycredit-subject", "e-1,e-2", id="two-subjects"),
        pytest.param("x-safetycredit-on-behalf-of", "*", id="on-behalf-of-everybody"),
    ],
)
def test_a_malformed_caller_is_refused_by_key(key: str, text: str | bytes) -> None:
    """The refusal names the key whose value makes no sense."""
    with pytest.raises(CallerMalformedError) as error:
        authenticate({**RECORDER, key: text})

    assert error.value.facts["metadata_key"] == key


def test_an_identity_may_have_128_characters() -> None:
    """The longest identity is accepted."""
    caller = authenticate({**RECORDER, "x-safetycredit-caller": "a" * 128})

    assert caller.identity == "a" * 128


@pytest.mark.parametrize(
    ("divisions", "fields", "allowed"),
    [
        pytest.param({"1101"}, {"fire"}, True, id="within-both"),
        pytest.param({"110105"}, {"fire"}, True, id="the-division-itself"),
        pytest.param({"*"}, {"*"}, True, id="everything"),
        pytest.param({"110102"}, {"fire"}, False, id="the-next-district"),
        pytest.param({"1101"}, {"transport"}, False, id="another-field"),
        pytest.param({"1101"}, set(), False, id="no-field"),
        pytest.param(set(), {"*"}, False, id="no-division"),
    ],
)
def test_scope_limits_writing(divisions: set[str], fields: set[str], *, allowed: bool) -> None:
    """A caller writes in its divisions and fields, and nowhere else."""
    caller = Caller(
        identity="liu",
        roles=frozenset({"recorder"}),
        divisions=frozenset(divisions),
        fields=frozenset(fields),
    )

    assert caller.may_write("110105", "fire") is allowed


@pytest.mark.parametrize(
    ("division", "prefix"),
    [("110000", "11"), ("110100", "1101"), ("110105", "110105"), ("100000", "10")],
)
def test_closing_zeros_stand_for_everything_below(division: str, prefix: str) -> None:
    """A province's or city's code covers its districts."""
    assert division_prefix(division) == prefix


def test_any_of_the_roles_is_enough() -> None:
    """A caller has a role if it has one of those that are asked for."""
    caller = Caller(identity="liu", roles=frozenset({"auditor"}))

    assert caller.has_role(Role.AUDITOR, Role.REGULATOR)
    assert not caller.has_role(Role.REGULATOR)
