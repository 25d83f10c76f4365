"""The catalog as plain data, so that a start reads no YAML: shipped with the wheel, or in a cache.

It is used only where its key fits: a hash of every rule, every text, the program that reads them
and the version of Python. Anything amiss, and the YAML is read, with the same outcome. It is data,
never code, and a cache that others could write to is not trusted.
"""

import marshal
import os
import stat
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import fields
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from lumbar.reading.paths import compiled_beside, sources
from lumbar.reading.record import Record, later
from lumbar.rulebook.catalog import Catalog
from lumbar.rulebook.conditions import Condition
from lumbar.rulebook.fingerprint import HASH_SIZE, fingerprint, hasher
from lumbar.rulebook.questionnaire import Questionnaire

if TYPE_CHECKING:
    from lumbar.rulebook.figures import Figure

_FORM = 4  # of marshal: the newest that every version of Python here writes
_KEPT = 8  # catalogs in the cache of a person
# Read by the review alone: kept as bytes within the bytes.
_SELDOM = frozenset({"examples"})


def key_of(root: Path) -> str:
    """Return what the compiled form of a folder hangs on; empty where it cannot be told."""
    digest = hasher(f"{_FORM} {sys.implementation.cache_tag} ".encode())
    try:
        for path in sources("rulebook", "reading", "engines"):
            digest.update(path.read_bytes())
        digest.update(fingerprint(root).encode())
    except OSError:
        return ""
    return digest.hexdigest()


def find(key: str) -> Catalog | None:
    """Return the catalog that was kept under a key, shipped or in the cache; None without one."""
    with suppress(OSError, ValueError, EOFError, TypeError, LookupError):
        if shipped := compiled_beside():
            with suppress(FileNotFoundError):
                if catalog := restored(shipped.read_bytes(), key):
                    return catalog
        return restored(_read_own(_cache() / key), key)
    return None


def keep(key: str, catalog: Catalog) -> None:
    """Keep a catalog in the cache, whole or not at all, and forget those not used for longest."""
    import tempfile

    with suppress(OSError, ValueError, TypeError):
        cache = _cache()
        cache.mkdir(mode=0o700, parents=True, exist_ok=True)
        _refuse_others(os.lstat(cache), stat.S_ISDIR)
        handle, temporary = tempfile.mkstemp(dir=cache)
        with os.fdopen(handle, "wb") as stream:
            stream.write(compiled(catalog, key))
        Path(temporary).replace(cache / key)
        used = sorted(os.scandir(cache), key=lambda one: one.stat().st_mtime)
        for old in used[:-_KEPT]:
            Path(old).unlink()


def _cache() -> Path:
    """Return the folder of a person's cache; raise OSError where there is none of their own."""
    named = os.environ.get("XDG_CACHE_HOME", "")
    home = named if Path(named).is_absolute() else os.path.expanduser("~/.cache")  # noqa: PTH111
    if not (hasattr(os, "getuid") and Path(home).is_absolute()):
        raise OSError(0, "no place of one's own")
    return Path(home, "lumbar")


def _read_own(path: Path) -> bytes:
    """Read a file that nobody else can have written, and note that it was used; raise OSError."""
    _refuse_others(os.lstat(path.parent), stat.S_ISDIR)
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with os.fdopen(handle, "rb") as stream:
        _refuse_others(os.fstat(handle), stat.S_ISREG)
        with suppress(OSError):
            os.utime(handle)
        return stream.read()


def _refuse_others(found: os.stat_result, is_one: Any) -> None:
    if not is_one(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o077:
        raise OSError(0, "others could have written this")


def compiled(catalog: Catalog, key: str) -> bytes:
    """Return a catalog as bytes: a hash over key and data, then the data; raise ValueError for one
    that holds what is no plain data.

    Signatures are left out: no decision rests on them, and the key does not cover them.
    """
    figures = {
        name: figure.model_dump(by_alias=True, exclude_unset=True)
        for name, figure in catalog.figures.items()
    }
    store = _Store()
    parts = [store.plain(getattr(catalog, name)) for name in _stored()]
    told = [(_name(kind), names, sorted(deep)) for kind, (_, names, deep) in store.kinds.items()]
    data = marshal.dumps((told, parts, marshal.dumps(figures, _FORM)), _FORM)
    return _hash(key, data) + data


def restored(raw: bytes, key: str) -> Catalog | None:
    """Return the catalog of bytes that were compiled under this very key; None of any others."""
    data = memoryview(raw)[HASH_SIZE:]
    if _hash(key, data) != raw[:HASH_SIZE]:
        return None
    told, parts, figures = marshal.loads(data)  # noqa: S302 - the hash is right, and it is our own
    known = {_name(kind): kind for kind in _every_kind()}
    make = _Shelf([(known[name], names, deep) for name, names, deep in told]).made
    values: dict[str, Any] = {name: make(part) for name, part in zip(_stored(), parts, strict=True)}
    return Catalog(**values, figures=_Figures(figures))


def _hash(key: str, data: "bytes | memoryview") -> bytes:
    digest = hasher(key.encode())
    digest.update(data)
    return digest.digest()


def _stored() -> Iterator[str]:
    return (one.name for one in fields(Catalog) if one.name not in {"figures", "signoffs"})


class _Store:
    """Turns records into what marshal takes: a list of their fields, and the place of their kind.

    `kinds` has, by class, that place, the fields, and those that have records in them.
    """

    def __init__(self) -> None:
        self.kinds: dict[type, tuple[int, tuple[str, ...], set[str]]] = {}
        self._every = _every_kind()

    def plain(self, value: Any) -> Any:
        """Return a value as plain data."""
        if isinstance(value, tuple):
            return tuple([self.plain(one) for one in value])
        if isinstance(value, Mapping):
            return {name: self.plain(one) for name, one in value.items()}
        if isinstance(value, list):  # none is left of a file, and here it means a record
            raise ValueError("a list is no part of a catalog")
        return self._of_record(value) if isinstance(value, self._every) else value

    def _of_record(self, record: Any) -> list[Any]:
        kind: Any = type(record)
        names = tuple(one.name for one in fields(kind) if one.init)
        seldom = {*_SELDOM.intersection(names)}
        place, _, deep = self.kinds.setdefault(kind, (len(self.kinds), names, seldom))
        values = {name: self.plain(getattr(record, name)) for name in names}
        deep |= {name for name, one in values.items() if _holds_records(one)}
        for name in seldom:
            values[name] = marshal.dumps(values[name], _FORM)
        return [*values.values(), place]


def _holds_records(plain: Any) -> bool:
    inner = plain.values() if isinstance(plain, dict) else plain
    several = isinstance(plain, (dict, tuple))
    return isinstance(plain, list) or (several and any(map(_holds_records, inner)))


class _Shelf:
    """Makes records of plain data again: what has records in it when it is first read."""

    def __init__(self, kinds: Iterable[tuple[Any, tuple[str, ...], list[str]]]) -> None:
        self._kinds = [
            (kind, tuple(later(name) if name in deep else name for name in names))
            if issubclass(kind, Record)
            else (kind, None)
            for kind, names, deep in kinds
        ]

    def made(self, plain: Any) -> Any:
        """Return what `_Store.plain` was given."""
        shape = type(plain)
        if shape is tuple:
            return tuple([self.made(one) for one in plain])
        if shape is dict:
            return {name: self.made(one) for name, one in plain.items()}
        if shape is bytes:
            return self.made(marshal.loads(plain))  # noqa: S302 - part of what was found right
        if shape is not list:
            return plain
        kind, names = self._kinds[plain[-1]]
        if names is None:
            return kind(*[self.made(value) for value in plain[:-1]])
        # checked when the YAML was read; the place of the kind is left over
        return Record.as_kept(kind, dict(zip(names, plain)), self.made)  # noqa: B905


def _every_kind() -> tuple[type, ...]:
    return (Questionnaire, *get_args(Condition), *_below(Record))


def _below(kind: type[Any]) -> Iterator[type[Any]]:
    for one in kind.__subclasses__():
        yield one
        yield from _below(one)


def _name(kind: type) -> str:
    return f"{kind.__module__}.{kind.__qualname__}"


class _Figures(Mapping[str, "Figure"]):
    """How items are drawn, read when somebody looks: no plan does."""

    def __init__(self, raw: bytes) -> None:
        self._raw = raw

    @cached_property
    def _figures(self) -> Mapping[str, "Figure"]:
        from lumbar.rulebook.figures import Figure

        plain = marshal.loads(self._raw)  # noqa: S302 - part of what was found right
        return {name: Figure.model_validate(one) for name, one in plain.items()}

    def __getitem__(self, item: str) -> "Figure":
        return self._figures[item]

    def __iter__(self) -> Iterator[str]:
        return iter(self._figures)

    def __len__(self) -> int:
        return len(self._figures)
