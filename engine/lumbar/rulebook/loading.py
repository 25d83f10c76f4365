"""The files read, checked against each other, and frozen as the catalog."""

from collections.abc import Container, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from lumbar.reading.paths import data_root
from lumbar.reading.problems import BadCatalogError
from lumbar.rulebook.catalog import Catalog
from lumbar.rulebook.conditions import with_thresholds
from lumbar.rulebook.consistency import Check, hold_together
from lumbar.rulebook.files import Files
from lumbar.rulebook.items import Item, SafetyNet, Sign
from lumbar.rulebook.questionnaire import Questionnaire


def load(root: Path | str | None = None, more: Iterable[Check] = ()) -> Catalog:
    """Load, check and freeze the rules and content under `root` (default: those shipped).

    `more` checks run besides. Raises BadCatalogError with every problem found.
    """
    files = read_files(root, more)
    if files.problems:
        raise BadCatalogError(files.problems)
    return frozen(files)


def read_files(root: Path | str | None = None, more: Iterable[Check] = ()) -> Files:
    """Read the files under `root` and check them together; they hold what is wrong."""
    files = Files(Path(root) if root is not None else data_root())
    files.read_all()
    hold_together(files, more)
    return files


def frozen(files: Files, without: Container[str] = ()) -> Catalog:
    """Return the catalog of files that hold together, `without` some of the rules."""
    thresholds = {one.id: one for one in files.table("rules/thresholds.yaml")}
    numbers = {name: one.value for name, one in thresholds.items()}
    kept = {one.rule.id: one for one in files.in_order() if one.rule.id not in without}
    return Catalog(
        questionnaire=_questionnaire(files, numbers),
        thresholds=thresholds,
        rules={name: _numbered(one.rule, "when", numbers) for name, one in kept.items()},
        stage_of={name: one.stage for name, one in kept.items()},
        topic_of={name: Path(one.file).stem for name, one in kept.items()},
        items={name: _item(item, numbers) for name, item in sorted(files.items.items())},
        figures=dict(sorted(files.figures.items())),
        sources={one.id: one for one in files.table("content/evidence.yaml")},
        words=files.tables["content/words.yaml"],
        safety_net=_safety_net(files.tables["content/safety_net.yaml"], numbers),
        operator=files.tables["content/operator.yaml"],
        limits=files.tables["rules/plan.yaml"],
        sha256=files.sha256,
        signoffs=files.signoffs,
    )


def _item(item: Item, numbers: Mapping[str, int]) -> Item:
    labels = tuple(_numbered(one, "when", numbers) for one in item.label_when)
    return replace(item, label_when=labels)


def _safety_net(net: SafetyNet, numbers: Mapping[str, int]) -> SafetyNet:
    def numbered(signs: Iterable[Sign]) -> tuple[Sign, ...]:
        return tuple(_numbered(sign, "when", numbers) for sign in signs)

    lists = ("come_back", "go_now", "same_day")
    waiting = {level: numbered(signs) for level, signs in net.while_you_wait.items()}
    signs: dict[str, Any] = {key: numbered(getattr(net, key)) for key in lists}
    return replace(net, **signs, while_you_wait=waiting)


def _questionnaire(files: Files, numbers: Mapping[str, int]) -> Questionnaire:
    topics = tuple(
        replace(
            _numbered(topic, "shown_when", numbers),
            questions=tuple(_numbered(q, "shown_when", numbers) for q in topic.questions),
        )
        for topic in files.tables["content/questionnaire.yaml"].topics
    )
    scores = tuple(_numbered(one, "count", numbers) for one in files.table("rules/scores.yaml"))
    return Questionnaire(topics=topics, scores=scores)


def _numbered(record: Any, field: str, numbers: Mapping[str, int]) -> Any:
    """Return a record with the thresholds' numbers put into its condition, or each of several."""
    said = getattr(record, field)
    if not said:
        return record
    if isinstance(said, tuple):
        new: Any = tuple(with_thresholds(one, numbers) for one in said)
    else:
        new = with_thresholds(said, numbers)
    return replace(record, **{field: new})
