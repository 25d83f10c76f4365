"""What both engines answer: the rules that fired and what they concluded."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from operator import lt

from lumbar.rulebook.catalog import Catalog
from lumbar.rulebook.conditions import Value


class ConflictError(Exception):
    """Two rules concluded different values of one finding: the rules contradict each other."""


@dataclass(frozen=True, slots=True)
class Inference:
    """The rules that fired, in catalog order, and the findings, sorted by name."""

    fired: tuple[str, ...]
    findings: tuple[tuple[str, Value], ...]


def inference(catalog: Catalog, fired: Collection[str], findings: Mapping[str, Value]) -> Inference:
    """Return an Inference in its one canonical order."""
    return Inference(
        tuple(sorted(fired, key=catalog.place.__getitem__)), tuple(sorted(findings.items()))
    )


def conclude(findings: dict[str, Value], concluded: Mapping[str, Value]) -> None:
    """Add what a rule concludes; raise ConflictError where a finding would get a second value."""
    for name, value in concluded.items():
        if findings.setdefault(name, value) != value:
            raise ConflictError(f"'{name}' was concluded as '{findings[name]}' and as '{value}'")


def sound(catalog: Catalog, result: Inference) -> Inference:
    """Return what an engine answered, where it is an inference about these rules.

    Raises TypeError, KeyError or another error that befits what it is instead.
    """
    order = [catalog.place[rule] for rule in result.fired]
    names = [name for name, _ in result.findings]
    kinds = {type(value) for _, value in result.findings}
    parts: list[object] = [result.fired, result.findings]
    shaped = type(result) is Inference and all(type(one) is tuple for one in parts)
    if not (shaped and all(map(lt, order, order[1:])) and all(map(lt, names, names[1:]))):
        raise TypeError("this is no inference in the order of the rules")
    if not (kinds <= {bool, str} and catalog.finding_stage.keys() >= {*names}):
        raise TypeError("this is no inference about these rules")
    return result
