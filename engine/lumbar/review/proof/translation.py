"""Formulas as Z3 has them."""

from collections.abc import Callable
from typing import Any
from weakref import WeakKeyDictionary

import z3

from lumbar.form.formulas import Formula, in_order

_known: WeakKeyDictionary[Formula, Any] = WeakKeyDictionary()


def to_z3(formula: Formula) -> Any:
    """Return a formula as a Z3 expression, each part translated once."""
    for one in in_order([formula], _known.__contains__):
        _known[one] = _translated(one, [_known[part] for part in one.parts])
    return _known[formula]


def _translated(one: Formula, parts: list[Any]) -> Any:
    if one.kind == "input":
        return z3.Bool(one.name)
    if one.kind == "not":
        return z3.Not(parts[0])
    if one.kind == "count":
        return z3.PbGe(list(zip(parts, one.weights, strict=True)), one.least)
    if one.kind in {"and", "or"}:
        return _joined(z3.Z3_mk_and if one.kind == "and" else z3.Z3_mk_or, parts)
    return z3.BoolVal(one.kind == "true")


def _joined(make: Callable[..., Any], parts: list[Any]) -> Any:
    """Join as `z3.And` and `z3.Or` do, which look at the type of each part first."""
    context = z3.main_ctx()
    asked = (z3.Ast * len(parts))(*(part.as_ast() for part in parts))
    return z3.BoolRef(make(context.ref(), len(parts), asked), context)
