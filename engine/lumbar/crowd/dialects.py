"""How each kind of SQL says what they do not all say alike: lists, and quotes around names."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

Name = Literal["duckdb", "spark", "postgres"]


@dataclass(frozen=True)
class Dialect:
    """One kind of SQL; each text has its parts in braces.

    `among` is that every one of a `list` is one of some `options`, `pair` is a record of two texts,
    and `present` a list without its nulls.
    """

    quote: str
    text: str
    no_list: str
    listed: str
    has: str
    length: str
    among: str
    pair: str
    present: str
    step: str = "AS"

    def name(self, name: str) -> str:
        """Return a name that no keyword or sign in it can spoil."""
        return f"{self.quote}{name}{self.quote}"

    def several(self, options: Iterable[str]) -> str:
        """Return a list of texts."""
        return self.listed.format(", ".join(map(text, options)))

    def paired(self, names: tuple[str, str], values: tuple[str, str | None]) -> str:
        """Return a record of two texts; a missing one is a null of that type."""
        one, other = (
            text(value) if value is not None else f"CAST(NULL AS {self.text})" for value in values
        )
        return self.pair.format(names[0], one, names[1], other)


def text(value: str) -> str:
    """Return a text as SQL writes it."""
    doubled = value.replace("'", "''")
    return f"'{doubled}'"


DIALECTS: Mapping[Name, Dialect] = {
    "duckdb": Dialect(
        quote='"',
        text="VARCHAR",
        no_list="CAST([] AS VARCHAR[])",
        listed="[{}]",
        has="list_contains({}, {})",
        length="len({})",
        among="len([one for one in {list} if COALESCE(one NOT IN {options}, TRUE)]) = 0",
        pair="{{'{}': {}, '{}': {}}}",
        present="[one for one in {} if one IS NOT NULL]",
    ),
    "spark": Dialect(
        quote="`",
        text="STRING",
        no_list="CAST(array() AS ARRAY<STRING>)",
        listed="array({})",
        has="array_contains({}, {})",
        length="size({})",
        among="size(array_except({list}, {options})) = 0",
        pair="named_struct('{}', {}, '{}', {})",
        present="array_compact({})",
    ),
    "postgres": Dialect(
        quote='"',
        text="text",
        no_list="CAST(ARRAY[] AS text[])",
        listed="ARRAY[{}]",
        has="({1} = ANY({0}))",
        length="cardinality({})",
        among="{list} <@ {options}",
        pair="jsonb_build_object('{}', {}, '{}', {})",
        present="array_remove({}, NULL)",
        step="AS MATERIALIZED",  # else it puts each step into the next, until its memory is full
    ),
}
