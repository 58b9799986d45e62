"""Typed settings, from four places: command line, over environment, over the user's file, over the site's file.

Passwords and tokens are never settings. Window geometry alone is kept by Qt.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from functools import reduce
from pathlib import Path
from typing import Any, Literal, get_args

import platformdirs

from viewr.model.errors import SettingsError

RendererChoice = Literal["auto", "cpu", "gl"]
Theme = Literal["dark", "light"]
ShortcutProfile = Literal["PACS", "Slicer", "ITK-SNAP"]


@dataclass(frozen=True)
class Profile:
    """Where a study's servers are; no secrets.

    Attributes
    ----------
    supervisor, archive : str
        Base URLs.
    user : str
        Offered in the sign-in dialog.
    ca_file : str
        Certificates of a private authority, "" for the system's.
    """

    name: str = ""
    supervisor: str = ""
    archive: str = ""
    user: str = ""
    ca_file: str = ""


@dataclass(frozen=True)
class Settings:
    """All settings of the program; each is `VIEWR_<NAME>` in the environment.

    Attributes
    ----------
    data_dir, cache_dir, log_dir : str
        Folders of work not yet delivered, of images, and of logs.
    cache_gb : float
        Size to which the image cache is cut back.
    prefetch_cases : int
        Cases that are in memory before their turn, with their scans; at least 1.
    prefetch_gb : float
        What these may take together; at least the next one is there.
    application_names : tuple of str
        Names under which tasks may ask for this program.
    window_drag_up_raises : bool
        Dragging up raises the level of a window; else down does.
    window_drag_swapped : bool
        Up and down change the width of a window, right and left its level.
    screen_widths_mm : tuple of str
        Measured widths of screens, "NAME=MM" each: for pictures in true size.
    picture_overlays : bool
        Copied and saved pictures have label maps and drawings.
    picture_words : bool
        Copied and saved pictures have the words at the corners.
    shortcut_profile : {"PACS", "Slicer", "ITK-SNAP"}
        Whose keys and mouse are used.
    shortcuts : tuple of str
        Keys of the reader's own, "ACTION=KEY KEY" each; a comma is written "Comma".
    confirm_submit : bool
        Show all answers before they are submitted; what is missing is listed in any case.
    """

    profile: str = ""
    renderer: RendererChoice = "auto"
    theme: Theme = "dark"
    data_dir: str = ""
    cache_dir: str = ""
    log_dir: str = ""
    cache_gb: float = 20.0
    prefetch_cases: int = 3
    prefetch_gb: float = 4.0
    application_names: tuple[str, ...] = ("ViewR",)
    research_notice_seen: bool = False
    window_drag_up_raises: bool = False
    window_drag_swapped: bool = False
    screen_widths_mm: tuple[str, ...] = ()
    confirm_submit: bool = True
    picture_overlays: bool = True
    picture_words: bool = False
    shortcut_profile: ShortcutProfile = "PACS"
    shortcuts: tuple[str, ...] = ()
    profiles: tuple[Profile, ...] = ()

    @property
    def data_path(self) -> Path:
        return Path(self.data_dir or platformdirs.user_data_dir("viewr", appauthor=False))

    @property
    def cache_path(self) -> Path:
        return Path(self.cache_dir or platformdirs.user_cache_dir("viewr", appauthor=False))

    @property
    def log_path(self) -> Path:
        return Path(self.log_dir or platformdirs.user_log_dir("viewr", appauthor=False))


CHOICES = {"renderer": get_args(RendererChoice), "theme": get_args(Theme),
           "shortcut_profile": get_args(ShortcutProfile)}  # fmt: skip


def user_file(environment: Mapping[str, str] = os.environ) -> Path:
    """The user's settings file (JSON)."""
    folder = environment.get("VIEWR_CONFIG_DIR") or platformdirs.user_config_dir("viewr", appauthor=False)
    return Path(folder) / "settings.json"


def site_file(environment: Mapping[str, str] = os.environ) -> Path:
    """The site's defaults (JSON), laid down by whoever installs the program."""
    folder = environment.get("VIEWR_SITE_DIR") or platformdirs.site_config_dir("viewr", appauthor=False)
    return Path(folder) / "settings.json"


def load_settings(overrides: Mapping[str, Any] | None = None, environment: Mapping[str, str] = os.environ) -> Settings:
    """All four places in one.

    Parameters
    ----------
    overrides : mapping, optional
        From the command line; None values are left out.

    Raises
    ------
    SettingsError
        If a value cannot be what it says; names the place and the setting.
    """
    settings = Settings()
    for place, values in (
        (str(site_file(environment)), _read(site_file(environment))),
        (str(user_file(environment)), _read(user_file(environment))),
        ("the environment", _from_environment(environment)),
        ("the command line", {key: value for key, value in (overrides or {}).items() if value is not None}),
    ):
        settings = _merge(settings, values, place)
    return settings


def save_settings(environment: Mapping[str, str] = os.environ, **values: Any) -> None:
    """Write some settings into the user's file; what else stands in it stays."""
    path = user_file(environment)
    held = {**_read(path), **{key: _plain(value) for key, value in values.items()}}
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(".tmp")
    temporary.write_text(json.dumps(held, indent=2) + "\n", encoding="utf-8")
    os.replace(temporary, path)


def user_profiles(environment: Mapping[str, str] = os.environ) -> tuple[Profile, ...]:
    """The server profiles in the user's own file; those of the site stay in the site's, where it can change them."""
    path = user_file(environment)
    profiles: tuple[Profile, ...] = _typed("profiles", _read(path).get("profiles", ()), (), str(path))
    return profiles


def with_profile(profiles: tuple[Profile, ...], profile: Profile) -> tuple[Profile, ...]:
    """The profiles with one in front, instead of the one of its name."""
    return (profile, *(item for item in profiles if item.name != profile.name))


def _read(path: Path) -> dict[str, Any]:
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as exc:
        raise SettingsError(f"The settings file {path} cannot be read.", "Mend it or delete it.") from exc
    if not isinstance(values, dict):
        raise SettingsError(f"The settings file {path} does not hold a JSON object.", "Mend it or delete it.")
    return values


def _from_environment(environment: Mapping[str, str]) -> dict[str, Any]:
    names = [item.name for item in fields(Settings) if item.name != "profiles"]
    return {name: environment[f"VIEWR_{name.upper()}"] for name in names if f"VIEWR_{name.upper()}" in environment}


def _merge(settings: Settings, values: Mapping[str, Any], place: str) -> Settings:
    known = {item.name for item in fields(Settings)}
    typed = {
        name: _typed(name, value, getattr(settings, name), place) for name, value in values.items() if name in known
    }
    if "profiles" in typed:
        # Those of a later place come first; of the others the ones with names of their own stay.
        typed["profiles"] = reduce(with_profile, reversed(typed["profiles"]), settings.profiles)
    return replace(settings, **typed)


def _typed(name: str, value: Any, default: Any, place: str) -> Any:
    """The value in the setting's type; texts come from the environment."""
    try:
        if name == "profiles":
            return tuple(Profile(**profile) for profile in value)
        if isinstance(default, tuple):
            return tuple(value.split(",")) if isinstance(value, str) else tuple(map(str, value))
        if isinstance(default, bool):
            return {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}[str(value).lower()]
        typed = type(default)(value)
    except (TypeError, ValueError, KeyError) as exc:
        raise SettingsError(f"The setting '{name}' in {place} cannot be '{value}'.") from exc
    if name in CHOICES and typed not in CHOICES[name]:
        raise SettingsError(f"The setting '{name}' in {place} cannot be '{value}'.",
                            f"Choose one of: {', '.join(CHOICES[name])}.")  # fmt: skip
    return typed


def _plain(value: Any) -> Any:
    if isinstance(value, Profile):
        return {item.name: getattr(value, item.name) for item in fields(Profile)}
    return [_plain(item) for item in value] if isinstance(value, tuple) else value
