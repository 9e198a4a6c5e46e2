"""Settings: where they come from, and what is refused."""

from pathlib import Path

import pytest

from services.common.settings import SettingError, Settings, describe_settings, load_settings


def test_defaults_are_the_embedded_store_on_loopback() -> None:
    """Without any variable the default store and loopback addresses are used."""
    settings = load_settings({})

    assert settings.default_store
    assert settings.database_url == "sqlite:///var/safetycredit.db"
    assert (settings.credit_listen, settings.scoring_listen) == (
        "127.0.0.1:50051",
        "127.0.0.1:50052",
    )


def test_variables_set_the_settings() -> None:
    """A variable with the prefix sets the setting of that name; others are ignored."""
    settings = load_settings(
        {
            "SAFETYCREDIT_DATABASE_URL": "postgresql://safety@127.0.0.1/credit",
            "SAFETYCREDIT_POLICIES_DIR": "/srv/policies",
            "SAFETYCREDIT_WORKER_THREADS": "3",
            "SAFETYCREDIT_TEST_POSTGRES_URL": "postgresql://x/y",
            "HOME": "/home/x",
        }
    )

    assert not settings.default_store
    assert settings.policies_dir == Path("/srv/policies")
    assert settings.database_options.connections_max == 3


def test_naming_the_default_store_makes_it_a_named_one() -> None:
    """Whoever names a store owns it, even the one that would have been used."""
    settings = load_settings({"SAFETYCREDIT_DATABASE_URL": "sqlite:///var/safetycredit.db"})

    assert not settings.default_store


def test_an_empty_variable_is_not_set() -> None:
    """Containers pass unset variables as empty ones."""
    settings = load_settings({"SAFETYCREDIT_DATABASE_URL": "", "SAFETYCREDIT_ID_KEY": ""})

    assert settings == Settings()


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        pytest.param("SAFETYCREDIT_WORKER_THREADS", "0", id="below-its-range"),
        pytest.param("SAFETYCREDIT_WORKER_THREADS", "many", id="no-number"),
        pytest.param("SAFETYCREDIT_DATABASE_URL", "mysql://u:secret@h/d", id="other-database"),
        pytest.param("SAFETYCREDIT_DATABASE_URL", "sqlite://", id="store-in-memory"),
        pytest.param("SAFETYCREDIT_DATABASE_URL", "secret", id="no-url"),
        pytest.param("SAFETYCREDIT_LOG_FORMAT", "xml", id="unknown-choice"),
        pytest.param("SAFETYCREDIT_WORKER_THREDS", "3", id="misspelt-variable"),
    ],
)
def test_a_bad_setting_is_refused_by_variable(variable: str, value: str) -> None:
    """The refusal names the variable, and never repeats the value."""
    with pytest.raises(SettingError) as error:
        load_settings({variable: value})

    assert error.value.facts == {"variable": variable}
    assert variable in error.value.message
    assert "secret" not in error.value.message


@pytest.mark.parametrize(
    ("variables", "named"),
    [
        pytest.param(
            {"SAFETYCREDIT_ID_KEY": "a", "SAFETYCREDIT_ID_KEY_FILE": "b"},
            "SAFETYCREDIT_ID_KEY_FILE",
            id="two-keys",
        ),
        pytest.param(
            {"SAFETYCREDIT_PAGE_SIZE_MAX": "10", "SAFETYCREDIT_PAGE_SIZE_DEFAULT": "11"},
            "SAFETYCREDIT_PAGE_SIZE_DEFAULT",
            id="default-page-above-the-largest",
        ),
    ],
)
def test_settings_that_contradict_each_other_are_refused(
    variables: dict[str, str], named: str
) -> None:
    """Settings are also checked together."""
    with pytest.raises(SettingError, match=named):
        load_settings(variables)


def test_the_description_masks_secrets() -> None:
    """Neither keys nor passwords are shown, and every other value is."""
    settings = load_settings(
        {
            "SAFETYCREDIT_ID_KEY": "hush",
            "SAFETYCREDIT_DATABASE_URL": "postgresql://safety:hush@127.0.0.1/credit",
            "SAFETYCREDIT_WORKER_THREADS": "3",
        }
    )

    rows = {row.variable: row for row in describe_settings(settings)}

    assert rows["SAFETYCREDIT_DATABASE_URL"].value == "postgresql://safety:***@127.0.0.1/credit"
    assert rows["SAFETYCREDIT_ID_KEY"].value == "********"
    assert rows["SAFETYCREDIT_WORKER_THREADS"].value == "3"
    assert rows["SAFETYCREDIT_WORKER_THREADS"].default == "8"
    assert "hush" not in repr((settings, rows))


def test_every_setting_is_described() -> None:
    """Each setting has one sentence that ends in a period."""
    rows = describe_settings(Settings())

    assert {"SAFETYCREDIT_DATABASE_URL", "SAFETYCREDIT_ID_KEY"} <= {row.variable for row in rows}
    assert [row.variable for row in rows if not row.description.endswith(".")] == []
