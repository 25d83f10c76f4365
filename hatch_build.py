"""Puts the compiled catalog into the wheel, so that not even the first start reads YAML."""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CompiledCatalog(BuildHookInterface):
    """Compiles the rules and content beside this file; those of a checkout are compiled on use."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add the compiled catalog to what is packed."""
        if version == "editable":
            return
        root = Path(self.root)
        sys.path.insert(0, str(root / "engine"))
        from lumbar.engines.loading import from_files
        from lumbar.rulebook import compiled

        self._desk = TemporaryDirectory()
        path = Path(self._desk.name, "catalog")
        path.write_bytes(compiled.compiled(from_files(root), compiled.key_of(root)))
        build_data["force_include"][str(path)] = "lumbar/_data/catalog"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:  # noqa: ARG002
        """Delete what was packed."""
        if version != "editable":
            self._desk.cleanup()
