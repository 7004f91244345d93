"""The image and the Compose files: sound, sparing with rights, and without a password of their own."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml

from graph_service.cli.commands import app
from graph_service.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
FILES = [ROOT / "docker-compose.yml", ROOT / "docs" / "two-instances.yml"]
DOCKERFILE = (ROOT / "Dockerfile").read_text()


def services(file: Path) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = yaml.safe_load(file.read_text())["services"]
    return found


OURS = [(file, name) for file in FILES for name, one in services(file).items() if one["image"] == "graph-service"]


def test_the_files_are_what_compose_reads() -> None:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", *map(str, FILES)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_the_password_comes_from_outside_and_has_no_default(file: Path) -> None:
    uses = re.findall(r"\$\{(NEO4J_PASSWORD[^}]*)\}", file.read_text())
    assert uses
    assert all(re.match(r"NEO4J_PASSWORD:\?", use) for use in uses)


@pytest.mark.parametrize(("file", "name"), OURS, ids=str)
def test_the_service_has_few_rights_and_settings_that_there_are(file: Path, name: str) -> None:
    service = services(file)[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    known = {f"GRAPH_SERVICE_{setting.upper()}" for setting in Settings.model_fields}
    assert set(service["environment"]) <= known
    command, *arguments = service["command"]
    root: Any = typer.main.get_command(app())
    given = root.commands[command].make_context(command, arguments).params
    assert (given["host"], given["closed"]) == ("0.0.0.0", True)


def test_the_server_is_the_lts_with_a_volume_and_a_health_check() -> None:
    neo4j = services(FILES[0])["neo4j"]
    assert neo4j["image"] == "neo4j:5.26-community"
    assert neo4j["volumes"] == ["neo4j:/data"]
    assert neo4j["healthcheck"]["test"][0] == "CMD"
    assert neo4j["environment"]["NEO4J_db_lock_acquisition_timeout"] == "3s"
    assert services(FILES[0])["service"]["depends_on"] == {"neo4j": {"condition": "service_healthy"}}
    assert services(FILES[0])["service"]["ports"] == ["127.0.0.1:8000:8000"]


def test_the_image_is_pinned_by_hashes_and_not_root() -> None:
    instructions = [line.split()[0] for line in re.sub(r"\\\n\s*", " ", DOCKERFILE).splitlines() if line[:1].isupper()]
    assert "ADD" not in instructions
    last = DOCKERFILE.rpartition("\nFROM ")[2]
    assert re.search(r"^USER (?!0\b|root\b)\d+:\d+$", last, re.MULTILINE)
    assert "HEALTHCHECK" in last
    assert "RUN" not in last
    assert "--require-hashes" in DOCKERFILE
    assert "latest" not in DOCKERFILE
    for copied in re.findall(r"^COPY (?!--from)(\S+)", DOCKERFILE, re.MULTILINE):
        assert (ROOT / copied).exists()
