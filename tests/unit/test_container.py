"""The files that make a container of it: they name what there is, and let through what is needed."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

settings = pytest.importorskip("lumbar.web.settings", reason="the extra `web` is not installed")

ROOT = Path(__file__).parents[2]
KNOWN = {name for name, _ in settings.listed()}


@pytest.fixture
def compose() -> dict[str, Any]:
    return yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))


def test_they_set_only_settings_that_there_are(compose: dict[str, Any]) -> None:
    docker = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    named = {*re.findall(r"LUMBAR_\w+(?==)", docker), *compose["services"]["web"]["environment"]}
    assert named
    assert named <= KNOWN


def test_they_hold_no_secret_of_their_own(compose: dict[str, Any]) -> None:
    for service in compose["services"].values():
        for name, value in service["environment"].items():
            if re.search("SECRET|PASSWORD|TOKEN|URL", name):
                assert "${" in value


def test_all_that_the_package_is_built_of_gets_into_the_container() -> None:
    let_through = {
        line[1:]
        for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
        if line.startswith("!")
    }
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wheel = project["tool"]["hatch"]["build"]["targets"]["wheel"]
    needed = {one.partition("/")[0] for one in wheel["only-include"]}
    needed |= {wheel["hooks"]["custom"]["path"], project["project"]["readme"], "pyproject.toml"}
    assert needed <= let_through
    assert all((ROOT / name).exists() for name in let_through)
