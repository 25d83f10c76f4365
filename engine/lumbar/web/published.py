"""What is the same for all who ask: the questions, the rules and what the API is, as JSON."""

import json
from collections.abc import Mapping
from functools import cached_property
from typing import Any

from lumbar.rulebook.catalog import Catalog
from lumbar.web import openapi


class Published:
    """The documents of one catalog, each made once."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog

    @cached_property
    def questionnaire(self) -> str:
        """Every question in the order it is asked, a topic a screen."""
        asked = self._catalog.questionnaire
        topics = [topic.plain(short=True) for topic in asked.topics]
        return _text({"version": asked.version, "topics": topics})

    @cached_property
    def rules(self) -> str:
        """Every rule, without its examples, and the thresholds that conditions name."""
        catalog = self._catalog
        rules = [
            {
                "stage": catalog.stage_of[name],
                "topic": catalog.topic_of[name],
                "status": rule.status,
                **rule.plain("examples", "status", short=True),
            }
            for name, rule in catalog.rules.items()
        ]
        thresholds = [one.plain(short=True) for one in catalog.thresholds.values()]
        of = {"version": catalog.limits.version, "sha256": catalog.sha256}
        return _text({**of, "thresholds": thresholds, "rules": rules})

    @cached_property
    def openapi(self) -> str:
        """What can be asked, and what is answered."""
        return _text(openapi.document(self._catalog))


def _text(document: Mapping[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False)
