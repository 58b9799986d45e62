"""Settings: four places, one order, and a plain word about what is wrong."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from viewr.model.errors import SettingsError
from viewr.settings import Profile, load_settings, save_settings


@pytest.fixture
def places(tmp_path: Path) -> dict[str, str]:
    return {"VIEWR_CONFIG_DIR": str(tmp_path / "user"), "VIEWR_SITE_DIR": str(tmp_path / "site")}


def write(folder: str, **values: object) -> None:
    Path(folder).mkdir(exist_ok=True)
    (Path(folder) / "settings.json").write_text(json.dumps(values))


def test_command_line_beats_environment_beats_user_beats_site(places: dict[str, str]) -> None:
    write(places["VIEWR_SITE_DIR"], theme="light", renderer="gl", cache_gb=1, profile="site")
    write(places["VIEWR_CONFIG_DIR"], renderer="cpu", cache_gb=2, profile="user")
    settings = load_settings({"profile": "line", "renderer": None}, {**places, "VIEWR_CACHE_GB": "3"})
    assert (settings.theme, settings.renderer, settings.cache_gb, settings.profile) == ("light", "cpu", 3.0, "line")


def test_a_wrong_choice_is_named_with_its_place(places: dict[str, str]) -> None:
    with pytest.raises(SettingsError, match=r"'renderer' in the environment cannot be 'vulkan'.*auto, cpu, gl"):
        load_settings({}, {**places, "VIEWR_RENDERER": "vulkan"})


def test_a_broken_file_is_named(places: dict[str, str]) -> None:
    Path(places["VIEWR_CONFIG_DIR"]).mkdir()
    (Path(places["VIEWR_CONFIG_DIR"]) / "settings.json").write_text("{")
    with pytest.raises(SettingsError, match=r"user/settings\.json cannot be read"):
        load_settings({}, places)


def test_saved_profiles_come_back_and_other_values_stay(places: dict[str, str]) -> None:
    write(places["VIEWR_CONFIG_DIR"], theme="light", from_a_newer_version=1)
    profile = Profile("RSS", "https://tasks.example.org", "https://xnat.example.org", "reader1")
    save_settings(places, profiles=(profile,), research_notice_seen=True)
    settings = load_settings({}, places)
    assert settings.profiles == (profile,)
    assert settings.theme == "light"
    assert settings.research_notice_seen
    assert json.loads((Path(places["VIEWR_CONFIG_DIR"]) / "settings.json").read_text())["from_a_newer_version"] == 1
