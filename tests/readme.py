"""What of README.md is made by the tool itself. ``python -m tests.readme`` writes it anew; a test compares."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path

from fastapi.testclient import TestClient

from graph_service.alignment.cascade import cascade
from graph_service.alignment.ladder import ladder
from graph_service.alignment.org import org_chart
from graph_service.app import create_app
from graph_service.cli.commands import app as commands
from graph_service.render import cascade_svg, ladder_svg, org_svg
from graph_service.render.audit.html import style as audit_style
from graph_service.render.svg import STYLE
from graph_service.render.text import ladder_text
from graph_service.sample import SAMPLE_DAY, load_sample
from graph_service.settings import Settings
from graph_service.workspace import Workspace

README = Path(__file__).parent.parent / "README.md"
STYLES = README.parent / "graph_service" / "web" / "static" / "picture.css"
AUDIT_STYLES = STYLES.with_name("audit.css")
PICTURES = README.parent / "docs" / "pictures"
SHOWN = "plan-in-a-blink"
DRAWN = "crossing-comfort"
BOSS = "person:tomasz"
QUERY = """\
{
  orphans(first: 1) {
    totalCount
    edges {
      node {
        kind
        reason
        objective { title owner { name } }
        candidates(first: 1) { goal { title } reason }
      }
    }
  }
}"""


def sample() -> Workspace:
    """The sample company on the day that its files tell of."""
    workspace = Workspace.open("sqlite://")
    load_sample(workspace, SAMPLE_DAY)
    return workspace


def ladder_block(workspace: Workspace, as_of: date = SAMPLE_DAY) -> str:
    with workspace.reading() as graph:
        found = ladder(graph, SHOWN)
        assert found is not None
        return fenced("text", ladder_text(found, graph, as_of, width=80))


def query_block(workspace: Workspace) -> str:
    with TestClient(create_app(workspace), base_url="http://localhost") as client:
        answer = client.post("/graphql", json={"query": QUERY}).json()
    assert "errors" not in answer, answer
    told = json.dumps({"data": answer["data"]}, indent=2, ensure_ascii=False)
    return fenced("graphql", QUERY) + "\n\n" + fenced("json", told)


def pictures() -> dict[str, str]:
    """The pictures that the README shows, by the name of their file in docs/pictures."""
    with sample() as workspace, workspace.reading() as graph:
        up, down, chart = ladder(graph, SHOWN), cascade(graph, DRAWN, 2), org_chart(graph, BOSS, 1)
        assert up is not None and down is not None and chart is not None
        return {
            "ladder.svg": ladder_svg(up, graph, SAMPLE_DAY),
            "cascade.svg": cascade_svg(down, graph, SAMPLE_DAY),
            "org.svg": org_svg(chart, graph, SAMPLE_DAY),
        }


def commands_block() -> str:
    rows = ["| command | what it does |", "| --- | --- |"]
    for info in commands().registered_commands:
        assert info.callback is not None and info.callback.__doc__
        name = info.name or info.callback.__name__.replace("_", "-")
        rows.append(f"| `{name}` | {first_sentence(info.callback.__doc__)} |")
    for group in commands().registered_groups:
        assert group.typer_instance is not None
        for info in group.typer_instance.registered_commands:
            assert info.callback is not None and info.callback.__doc__
            name = info.name or info.callback.__name__.replace("_", "-")
            rows.append(f"| `{group.name} {name}` | {first_sentence(info.callback.__doc__)} |")
    return "\n".join(rows)


def first_sentence(text: str) -> str:
    paragraph = " ".join(text.strip().split("\n\n")[0].split())
    return paragraph.replace("|", "\\|")


def settings_block() -> str:
    rows = ["| variable | default | what it is |", "| --- | --- | --- |"]
    for name, field in Settings.model_fields.items():
        default = "a file in the user's data folder" if field.default_factory else f"`{field.default}`"
        default = "none" if field.default == "" else default
        rows.append(f"| `GRAPH_SERVICE_{name.upper()}` | {default} | {field.description} |")
    return "\n".join(rows)


def fenced(language: str, text: str) -> str:
    return f"```{language}\n{text.rstrip()}\n```"


def written(text: str) -> str:
    """The README with its generated parts made anew."""
    with sample() as workspace:
        blocks = {"ladder": ladder_block(workspace)}
    blocks["query"] = query_block(sample())
    blocks["commands"] = commands_block()
    blocks["settings"] = settings_block()
    for name, block in blocks.items():
        pattern = rf"(<!-- begin {name} -->\n).*?(<!-- end {name} -->)"
        text, times = re.subn(pattern, lambda found: f"{found[1]}{block}\n{found[2]}", text, flags=re.DOTALL)  # noqa: B023
        assert times == 1, f"README.md has no place for {name}"
    return text


if __name__ == "__main__":
    PICTURES.mkdir(exist_ok=True)
    for name, picture in pictures().items():
        (PICTURES / name).write_text(picture, encoding="utf-8")
    STYLES.write_text(f"{STYLE}\n", encoding="utf-8")
    AUDIT_STYLES.write_text(audit_style(), encoding="utf-8")
    README.write_text(written(README.read_text(encoding="utf-8")), encoding="utf-8")
