"""Values typed on the command line, taken as they are where nothing can be wrong with them.

typer has every value checked by pydantic, which takes longer to load than a plan takes to be made.
"""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Literal, get_args, get_origin


def take_plainly(group: Any) -> None:
    """Let every command of a group take plain values without pydantic.

    Where another version of typer does not look here, it checks them as ever.
    """
    for command in (group, *group.commands.values()):
        command.get_params = partial(_taken_plainly, command.get_params)


def _taken_plainly(parameters: Callable[[Any], list[Any]], ctx: Any) -> list[Any]:
    found = parameters(ctx)
    for one in found:
        if getattr(one, "_runtime_param", None) is None:
            one._runtime_param = _Plainly()
    return found


class _Plainly:
    """Takes a text, a path or one of a few words; all else, and what is wrong, typer judges."""

    def coerce(self, value: Any, param: Any, ctx: Any) -> Any:
        kind = param.type_descriptor.annotation
        if isinstance(value, str):
            if kind is str or (get_origin(kind) is Literal and value in get_args(kind)):
                return value
            if kind is Path:
                return Path(value)
        if value is None and not param.multiple:
            return None
        param._runtime_param = None  # so typer makes its own
        return param.get_runtime_param().coerce(value, param=param, ctx=ctx)
