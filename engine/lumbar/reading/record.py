"""What everything that is read from a file, or shown to a person, has in common.

Records are plain dataclasses, so that a plan can be made without pydantic: it is loaded where a
file is read or a schema is asked for, and reads the same classes. What it must know beyond a type
is said by the marks in `Annotated`; each builds its part of the reader only when pydantic asks.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import MISSING, Field, dataclass, field, fields
from typing import (
    TYPE_CHECKING,
    Any,
    ClassVar,
    TypeVar,
    dataclass_transform,
    get_args,
    get_type_hints,
)

R = TypeVar("R", bound="Record")
_MAKE = "~"  # no field can be called so, nor so begin


def later(field: str) -> str:
    """Return where a record keeps a field that is made when it is first read."""
    return f"{_MAKE}{field}"


@dataclass_transform(kw_only_default=True, frozen_default=True, field_specifiers=(field,))
class Record:
    """The one base of records: frozen, strict, unknown keys refused, equal by its fields.

    The methods stand here once: making them anew for each of a hundred classes, as `dataclass`
    does, costs more than to decide for a person.
    """

    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]
    __pydantic_config__: ClassVar[Mapping[str, Any]] = {"extra": "forbid", "strict": True}
    for_layout: ClassVar[frozenset[str]] = frozenset()  # the fields that only a page reads
    in_many_plans: ClassVar[bool] = False  # made once, so that its text as JSON is kept
    _defaults: ClassVar[Mapping[str, Any]] = {}

    def __init_subclass__(cls) -> None:
        dataclass(init=False, repr=False, eq=False, match_args=False, kw_only=True)(cls)
        cls._defaults = {one.name: _default(one) for one in fields(cls) if _may_be_left_out(one)}
        cls._bare()

    @classmethod
    def _bare(cls) -> None:
        """Take the defaults off the class: a subclass that asks for a field must not find that of
        this, nor a record that of a field made later.
        """
        for name in cls._defaults.keys() & vars(cls).keys():
            delattr(cls, name)

    def __init__(self, **given: Any) -> None:
        values = {**self._defaults, **given}
        if values.keys() != self.__dataclass_fields__.keys():
            odd = sorted(values.keys() ^ self.__dataclass_fields__.keys())
            raise TypeError(f"{type(self).__name__}: missing or unknown: {', '.join(odd)}")
        vars(self).update(values)
        self.__post_init__()

    def __post_init__(self) -> None:
        """Refuse what no type can; raise ValueError."""

    def __setattr__(self, name: str, _: object) -> None:
        raise AttributeError(f"{type(self).__name__} is frozen: '{name}' cannot be set")

    def __iter__(self) -> Iterator[tuple[str, Any]]:
        """Yield every field with its value, in the order of the class."""
        return ((name, getattr(self, name)) for name in self.__dataclass_fields__)

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and all(
            mine == getattr(other, name) for name, mine in self
        )

    def __hash__(self) -> int:
        return hash(tuple(self))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={one!r}' for name, one in self)})"

    if not TYPE_CHECKING:  # or any misspelt name would be one

        def __getattr__(self, name: str) -> Any:
            """Make a field that was kept as plain data, and is read for the first time."""
            values = vars(self)
            plain = values.get(later(name), values)  # no field is plainly all of them
            if plain is not values:
                values[name] = values[_MAKE](plain)
                values.pop(later(name), None)
            if name not in values:  # another thread may have made it just now
                raise AttributeError(f"{type(self).__name__} has no '{name}'")
            return values[name]

    @staticmethod
    def as_kept(kind: type[R], values: dict[str, Any], make: Callable[[Any], Any]) -> R:
        """Return a record of values checked before; `make` makes those that are kept for later."""
        values[_MAKE] = make
        one = object.__new__(kind)
        object.__setattr__(one, "__dict__", values)
        return one

    def plain(self, *without: str, short: bool = False) -> dict[str, Any]:
        """Return the fields as plain data, as JSON has them, but for some; `short` leaves out what
        is as it would be anyway.
        """
        return {
            name: _plain(value, short)
            for name, value in self
            if name not in without
            and name not in self.for_layout
            and not (short and name in self._defaults and value == self._defaults[name])
        }

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        schema = handler(source)
        cls._bare()  # pydantic has put them back
        # strict are the fields; a strict dataclass would take nothing but an instance of itself
        handler.resolve_ref_schema(schema)["strict"] = False
        return schema


def _may_be_left_out(one: Field[Any]) -> bool:
    return one.default is not MISSING or one.default_factory is not MISSING


def _default(one: Field[Any]) -> Any:
    return one.default if one.default_factory is MISSING else one.default_factory()


def _plain(value: Any, short: bool) -> Any:
    if isinstance(value, Record):
        return value.plain(short=short)
    if isinstance(value, Mapping):
        return {name: _plain(one, short) for name, one in value.items()}
    if isinstance(value, (tuple, list)):
        return [_plain(one, short) for one in value]
    return value if value is None or isinstance(value, (str, int, float)) else str(value)


class Limit:
    """Bounds of a text, number or list, by the names that pydantic has: `min_length`, `ge`, ..."""

    def __init__(self, **bounds: Any) -> None:
        self.bounds = bounds

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> Any:
        return {**handler(source), **self.bounds}


class Before:
    """Changes what a file says before it is read."""

    def __init__(self, change: Callable[[Any], Any]) -> None:
        self.change = change

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> Any:
        from pydantic_core.core_schema import no_info_before_validator_function

        return no_info_before_validator_function(self.change, handler(source))


class ReadBy:
    """Reads what a file says by a function of its own, which raises ValueError."""

    def __init__(self, read: Callable[[Any], Any]) -> None:
        self.read = read

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> Any:
        from pydantic_core.core_schema import no_info_plain_validator_function

        return no_info_plain_validator_function(self.read)


class ToldBy:
    """Tells which record of a union an entry is: by a key of it, or by a function that names the
    class.
    """

    def __init__(self, key: str | Callable[[Any], str | None]) -> None:
        self.key = key

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> Any:
        from pydantic_core.core_schema import tagged_union_schema

        choices = {
            tag: handler.generate_schema(one) for one in source.__args__ for tag in self.tags(one)
        }
        return tagged_union_schema(choices, self.key)

    def tags(self, one: Any) -> tuple[str, ...]:
        """Return what the entries of a record say at the key."""
        if callable(self.key):
            return (one.__name__,)

        return get_args(get_type_hints(one)[self.key])
