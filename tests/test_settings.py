"""Settings: four places, one order, and a plain word about what is wrong."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from viewr.model.errors import SettingsError
from viewr.settings import Profile, load_settings, save_settings, user_profiles, with_profile


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


def test_profiles_of_site_and_user_stand_side_by_side_the_users_first(places: dict[str, str]) -> None:
    site = {"name": "RSS", "supervisor": "https://new.example.org"}
    write(places["VIEWR_SITE_DIR"], profiles=[site, {"name": "ERGO", "supervisor": "https://e.example.org"}])
    save_settings(places, profiles=with_profile(user_profiles(places), Profile("Own", "https://own.example.org")))
    names = [(item.name, item.supervisor) for item in load_settings({}, places).profiles]
    assert names == [("Own", "https://own.example.org"), ("RSS", "https://new.example.org"),
                     ("ERGO", "https://e.example.org")]  # fmt: skip
    write(places["VIEWR_SITE_DIR"], profiles=[site | {"supervisor": "https://newer.example.org"}])
    assert ("RSS", "https://newer.example.org") in [
        (item.name, item.supervisor) for item in load_settings({}, places).profiles
    ]
