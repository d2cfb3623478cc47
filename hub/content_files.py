"""Reads the content of all municipalities from a directory tree; the program starts with all of it or not.

    ROOT/phrases.yaml            (may be missing, and so may a municipality's own)
    ROOT/<id>/municipality.yaml
    ROOT/<id>/phrases.yaml
    ROOT/<id>/duties.yaml
    ROOT/<id>/procedures/<id>.yaml
    ROOT/<id>/pages/<id>.yaml
    ROOT/centres.yaml                   what they share; need not be there

Everything that is wrong in any file is collected and raised at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeVar

from hub.core import centres, centres_checks, content_checks, duty_checks, duty_file, phrases
from hub.core.centres import Shared
from hub.core.content import Content, Municipality, PageFile, Procedure, Town
from hub.core.content_checks import MUNICIPALITY, Files
from hub.core.duty_checks import DUTIES, Known
from hub.core.duty_file import DutyFile
from hub.core.phrases import PhraseFile
from hub.core.problems import Problem
from protocol.errors import ConfigError, ConfigErrors, one_or_all
from protocol.strict_yaml import Document, read

T = TypeVar("T")


def load(root: Path) -> Content:
    """The content below `root`. ConfigError or ConfigErrors with file, line and key of all that is wrong."""
    if not root.is_dir():
        raise ConfigError(str(root), None, "", "no such directory; it holds one directory per municipality")
    towns: dict[str, Town] = {}
    shared, errors = _shared(root)
    phrased, wrong = _phrases(root)
    errors += wrong
    for name in names(root):
        reader = _Reader(root / name, shared, phrased)
        town = reader.town()
        errors += reader.errors
        if town is not None:
            towns[name] = town
    if not towns and not errors:
        raise ConfigError(str(root), None, "", "no municipality; make a directory with a municipality.yaml")
    if errors:
        raise one_or_all(errors)
    return Content(towns=towns, shared=shared or Shared())


def _shared(root: Path) -> tuple[Shared | None, list[ConfigError]]:
    """What all municipalities share; None when the file cannot be read."""
    path = root / centres.FILE
    if not path.exists():
        return Shared(), []
    try:
        document = read(path, Shared)
    except ConfigErrors as several:
        return None, list(several.errors)
    except ConfigError as error:
        return None, [error]
    found = centres_checks.of_pool(document.value, names(root))
    return document.value, [document.error(problem.key, problem.text) for problem in found]


def _phrases(root: Path) -> tuple[tuple[str, ...], list[ConfigError]]:
    """The canned phrases that all municipalities share."""
    path = root / phrases.FILE
    if not path.exists():
        return (), []
    try:
        document = read(path, PhraseFile)
    except ConfigErrors as several:
        return (), list(several.errors)
    except ConfigError as error:
        return (), [error]
    found = phrases.problems(document.value)
    return document.value.phrases, [document.error(problem.key, problem.text) for problem in found]


def names(root: Path) -> list[str]:
    """The municipalities below `root`, also those whose files are wrong; none where there is no directory."""
    below = root.iterdir() if root.is_dir() else ()
    return sorted(path.name for path in below if path.is_dir() and path.name[0] != ".")


class _Reader:
    """One municipality's directory; `errors` is complete after `town()`."""

    def __init__(self, directory: Path, shared: Shared | None, phrased: Sequence[str]) -> None:
        self.directory = directory
        self.shared = shared
        self.phrased = phrased  # by all municipalities
        self.errors: list[ConfigError] = []
        self._documents: dict[str, Document[Any]] = {}  # by path below the directory

    def town(self) -> Town | None:
        """None when something is wrong."""
        files = Files()
        files.municipality = self._read(MUNICIPALITY, Municipality, files)
        for name in self._names("procedures"):
            if (procedure := self._read(name, Procedure, files)) is not None:
                files.procedures[name] = procedure
        for name in self._names("pages"):
            if (page := self._read(name, PageFile, files)) is not None:
                files.pages[name] = page
        duties = DutyFile()
        if (self.directory / DUTIES).exists():
            duties = self._read(DUTIES, DutyFile, files) or duties
        for problem in content_checks.problems(self.directory.name, files):
            self._wrong(problem)
        for problem in centres_checks.of_town(files, self.shared) if self.shared else ():
            self._wrong(problem)
        if files.municipality is not None and DUTIES in self._documents:
            known = Known(
                files.municipality, {item.id: item for item in files.procedures.values()},
                {item.id: item for item in files.pages.values()}, files.unread,
            )  # fmt: skip
            for problem in duty_checks.problems(duties, known, sound=not self.errors):
                self._wrong(problem)
        own: tuple[str, ...] = ()
        if (self.directory / phrases.FILE).exists():
            file = self._read(phrases.FILE, PhraseFile, files)
            for problem in phrases.problems(file) if file else ():
                self._wrong(problem)
            own = file.phrases if file else ()
        if self.errors or files.municipality is None:
            return None
        return Town(
            municipality=files.municipality,
            procedures={item.id: item for item in files.procedures.values()},
            pages={item.id: item for item in files.pages.values()},
            duties=duty_file.table(duties, files.municipality),
            phrases=phrases.together(own, self.phrased),
        )

    def _wrong(self, problem: Problem) -> None:
        self.errors.append(self._documents[problem.file].error(problem.key, problem.text))

    def _names(self, folder: str) -> list[str]:
        """Files of a folder in order of name; a missing folder is an empty one."""
        below = self.directory / folder
        names: list[str] = []
        for path in sorted(below.iterdir()) if below.is_dir() else []:
            if path.name.startswith("."):
                continue  # an editor's own
            if path.suffix != ".yaml" or not path.is_file():
                self.errors.append(ConfigError(str(path), None, "", "only files named ID.yaml belong here"))
                continue
            names.append(f"{folder}/{path.name}")
        return names

    def _read(self, name: str, schema: type[T], files: Files) -> T | None:
        try:
            document = read(self.directory / name, schema)
        except ConfigErrors as several:
            self.errors += several.errors
        except ConfigError as error:
            self.errors.append(error)
        else:
            self._documents[name] = document
            return document.value
        files.unread.add(Path(name).stem)
        return None
