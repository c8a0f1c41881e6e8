"""A VISO, the image VirtualBox puts together while a machine reads it.

A reading of that language of its own, so that it cannot share a mistake with the code that
writes one. Options it does not know it refuses by name; like VirtualBox it notices what is
wrong only when a machine is switched on.
"""

import re
import shlex
from pathlib import Path

from labkit.sim.disc import Content, Disc, Entry, find, parts, read_iso

MARKER = "--iprt-iso-maker-file-marker"
_REMOVE = ":must-remove:"


class BadMedium(Exception):
    """VirtualBox could not make an image of it; the text says why."""


def open_disc(path: Path) -> Disc:
    """The image at `path`. Raises `BadMedium`."""
    try:
        if path.suffix.lower() == ".viso":
            return _Maker(path).disc()
        return read_iso(path)
    except OSError as cause:
        raise BadMedium(f"VERR_FILE_NOT_FOUND: {cause}") from cause
    except UnicodeDecodeError as cause:
        raise BadMedium(f"VERR_INVALID_UTF8_ENCODING: {cause}") from cause


def in_drive(medium: str | None) -> Disc:
    """What a machine that runs finds in a drive: nothing where the image has become unreadable."""
    try:
        return open_disc(Path(medium)) if medium is not None else Disc()
    except BadMedium:
        return Disc()


def is_viso(path: Path) -> bool:
    """Whether VirtualBox takes the file for a VISO: it looks at the first word only."""
    with path.open("rb") as file:
        return file.read(len(MARKER)).decode("latin-1") == MARKER


class _Maker:
    """Carries out a VISO, word by word."""

    def __init__(self, viso: Path) -> None:
        self._folder = viso.parent
        self._disc = Disc()
        self._label: str | None = None
        self._slots: list[set[str]] = [{"primary", "joliet"}]
        self._words = _words(viso.read_text(encoding="utf-8"))

    def disc(self) -> Disc:
        while self._words:
            word = self._words.pop(0)
            if word in ("--rational-rock", "-R", "--joliet", "-J"):
                continue  # On from the start.
            if word == "-V" or word.startswith("--volume-id"):
                self._label = self._value(word)
            elif word.startswith("--import-iso"):
                self._import(self._file(self._value(word)))
            elif word.startswith("--name-setup"):
                self._name_setup(self._value(word))
            elif word.startswith("-"):
                raise BadMedium(f"VERR_GETOPT_UNKNOWN_OPTION: {word}")
            else:
                self._pair(word)
        if self._label is not None:
            self._disc.label = self._label
        return self._disc

    def _value(self, word: str) -> str:
        _, sign, value = word.partition("=")
        if sign:
            return value
        if not self._words:
            raise BadMedium(f"VERR_GETOPT_REQUIRED_ARGUMENT_MISSING: {word}")
        return self._words.pop(0)

    def _file(self, name: str) -> Path:
        path = self._folder / name
        if not path.exists():
            raise BadMedium(f"VERR_FILE_NOT_FOUND: {path}")
        return path

    def _import(self, iso: Path) -> None:
        imported = read_iso(iso)
        if not imported.primary.entries:
            raise BadMedium(f"VERR_ISOMK_IMPORT_NO_VOLUME_DESCRIPTORS: {iso} is no ISO")
        if self._disc.primary.entries:
            raise BadMedium("the pretend computer knows an import only as the first thing")
        self._disc = imported

    def _name_setup(self, value: str) -> None:
        known = {"iso": "primary", "primary": "primary", "joliet": "joliet"}
        self._slots = []
        for slot in value.split(","):
            trees = slot.split("+")
            for tree in trees:
                if tree not in known:
                    raise BadMedium(f"VERR_INVALID_PARAMETER: --name-setup={value}: {tree}")
            self._slots.append({known[tree] for tree in trees})

    def _pair(self, word: str) -> None:
        *names, source = word.split("=")
        if len(names) > len(self._slots):
            raise BadMedium(f"VERR_INVALID_NAME: too many names in {word}")
        if not names:
            names = ["/" + re.split(r"[/\\]", source)[-1]]
        # Where names are missing the last one stands for the rest.
        names += names[-1:] * (len(self._slots) - len(names))
        places = [
            (tree, name)
            for slot, name in zip(self._slots, names, strict=True)
            for tree in sorted(slot, reverse=True)
        ]
        if source == _REMOVE:
            self._remove(places)
            return
        file = self._file(source)
        if not file.is_file():
            raise BadMedium(f"the pretend computer takes only files from a VISO: {file}")
        content = Content(file, 0, file.stat().st_size)
        for tree, name in places:
            _add(self._tree(tree), name, content)

    def _tree(self, tree: str) -> Entry:
        return self._disc.primary if tree == "primary" else self._disc.joliet

    def _remove(self, places: list[tuple[str, str]]) -> None:
        for tree, name in places:
            found = find(self._tree(tree), name, Entry.named)
            if found is not None and found.content is not None:
                # The file goes from all trees, by whatever name it is found.
                _drop(self._disc.primary, found.content)
                _drop(self._disc.joliet, found.content)
                return
        raise BadMedium(f"VERR_PATH_NOT_FOUND: nothing to remove at {places[0][1]}")


def _words(text: str) -> list[str]:
    first = text.split(maxsplit=1)[0] if text.strip() else ""
    if text[:1].isspace() or not first.startswith(MARKER):
        raise BadMedium("VERR_VD_GEN_INVALID_HEADER: not a VISO")
    if first.partition("=")[0] == MARKER + "-ms":
        words = [re.sub(r'\\(")|"', r"\1", w) for w in re.findall(r'(?:\\"|"[^"]*"|[^\s"])+', text)]
    elif first.partition("=")[0] in (MARKER, MARKER + "-bourne-sh"):
        try:
            words = shlex.split(text)
        except ValueError as cause:
            raise BadMedium(f"VERR_PARSE_ERROR: {cause}") from cause
    else:
        raise BadMedium(f"VERR_VD_GEN_INVALID_HEADER: {first}")
    # The marker and the UUID it takes, in one word or two.
    return words[1:] if "=" in words[0] else words[2:]


def _add(top: Entry, path: str, content: Content) -> None:
    *folders, name = parts(path)
    for folder in folders:
        inner = top.named(folder)
        if inner is None:
            # A directory that has another short name is not found: now there are two.
            inner = Entry(folder, folder)
            top.entries.append(inner)
        top = inner
    if top.named(name) is not None:
        raise BadMedium(f"VERR_ALREADY_EXISTS: {path}")
    top.entries.append(Entry(name, name, content))


def _drop(top: Entry, content: Content) -> None:
    top.entries = [e for e in top.entries if e.content != content]
    for entry in top.entries:
        _drop(entry, content)
