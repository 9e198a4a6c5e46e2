"""Who the command line says that it is."""

from cli.client.caller import ROLES_DEFAULT, default_identity, make_caller
from services.common.identity import Role, caller_metadata


def test_lists_are_separated_by_commas() -> None:
    """Spaces around names mean nothing, and empty names are none."""
    caller = make_caller("me", "recorder, regulator,", divisions="110105,320613", fields="*")

    assert caller.roles == {"recorder", "regulator"}
    assert caller.divisions == {"110105", "320613"}
    assert caller.may_write("110105", "fire")
    assert not caller.may_write("110106", "fire")


def test_the_default_caller_can_be_told_to_the_services() -> None:
    """Every default role is one that the services know."""
    caller = make_caller(default_identity(), ROLES_DEFAULT)

    assert caller.identity.startswith("cli:")
    assert caller.roles <= set(Role)
    assert dict(caller_metadata(caller))["x-safetycredit-divisions"] == "*"
