"""The look of the pictures: few colours, by day, by night and in print, each legible in grey."""

from collections.abc import Iterable, Mapping

from lumbar.pictures.drawing import LINE

WHOLE = "lumbar-picture"
_DAY = "--card:#fff;--shade:#d9e0e2;--ink:#1c2a30;--soft:#6d7b81;--accent:#0b5c60"
_NIGHT = "--card:#192226;--shade:#33424a;--ink:#eaf0f1;--soft:#93a1a7;--accent:#7fcac6"
_PAPER = {"card": "#fff", "shade": "#ddd", "ink": "#000", "soft": "#555", "accent": "#333"}
_PRINT = ";".join(f"--{name}:{colour}" for name, colour in _PAPER.items())
_BODY = f"stroke:var(--ink);stroke-width:{2 * LINE:g};paint-order:stroke"
_ALWAYS = ("*", "paper")
_RULES: Mapping[str, str] = {
    "*": "stroke-linecap:round;stroke-linejoin:round;fill:none",
    "paper": "fill:var(--card)",
    "body": f"{_BODY};fill:var(--card)",
    "far": f"{_BODY};fill:var(--shade)",
    "other": f"{_BODY};fill:var(--shade);stroke:var(--soft)",
    "hand": "stroke:var(--card);stroke-width:2;paint-order:stroke;fill:var(--accent)",
    "seam": "stroke:var(--card);stroke-width:.8",
    "face": f"stroke:var(--ink);stroke-width:{LINE:g}",
    "thing": "stroke:var(--soft);stroke-width:1.3",
    "cushion": "stroke:var(--soft);stroke-width:1.3;fill:var(--shade)",
    "ring": "stroke:var(--soft);stroke-width:1.3;fill:var(--card)",
    "mark": "stroke:var(--soft)",
    "hatch": "stroke:var(--accent);stroke-width:1.2;stroke-opacity:.6",
    "arrow": f"stroke:var(--accent);stroke-width:{LINE:g}",
}
ALL = tuple(_RULES)


def style(used: Iterable[str] = ALL, night: bool = True) -> str:
    """Return the style sheet of pictures in which these styles are used; `night` for dark pages."""
    wanted = {*_ALWAYS, *used}
    looks = ((name if name == "*" else f".{name}", look) for name, look in _RULES.items())
    dark = f"@media(prefers-color-scheme:dark){{.{WHOLE}{{color-scheme:dark;{_NIGHT}}}}}"
    whole = f".{WHOLE}{{{_DAY}}}{dark if night else ''}@media print{{.{WHOLE}{{{_PRINT}}}}}"
    return whole + "".join(
        f".{WHOLE} {name}{{{look}}}" for name, look in looks if name.removeprefix(".") in wanted
    )


def plain(name: str) -> tuple[str, ...]:
    """Return the looks of a style, to be drawn one over the other, in black and white.

    They are for programs that know neither variables nor in which order to paint.
    """
    look = f"{_RULES['*']};{_RULES[name]}"
    for part, colour in _PAPER.items():
        look = look.replace(f"var(--{part})", colour)
    return (look, f"{look};stroke:none") if "paint-order" in look else (look,)
