"""Who may not see a node finds no trace of it in any answer: neither id nor title, in lists, links or pictures."""

from __future__ import annotations

import json

import pytest

from graph_service.alignment.vertices import Vertex
from graph_service.alignment.viewer import Viewer
from graph_service.api.context import Asking
from graph_service.api.limits import Limits
from graph_service.api.schema import schema
from tests.api.company import Ask


class Short(Viewer):
    """Somebody who does not see one node."""

    def __init__(self, hidden: str) -> None:
        self.hidden = hidden

    def sees(self, vertex: Vertex) -> bool:
        """Whether it is another one."""
        return vertex.fact.id != self.hidden


GOAL = """id title progress { explain { contributors { goal { id } } doubled { id } checkIn { id by { id } } } }
    owner { id name } contributors { owner { id } goal { id } } primaryParent { id } period { id }
    lastCheckIn { by { id } } ladder { goal { id } path { goal { id } keyResults { id } } nodes { id } edges { from to }
        paths { id } text mermaid dot }
    alignedTo { node { id } } alignedFrom { node { id } } initiatives { id }"""

EVERYTHING = f"""
fragment Everything on Query {{
    objectives {{ totalCount edges {{ node {{ {GOAL} keyResults {{ id }}
        parents {{ node {{ id }} }} children {{ node {{ id }} }}
        cascade {{ nodes {{ goal {{ id }} primaryParent }} edges {{ from to }} text mermaid dot }} }} }} }}
    keyResults {{ totalCount edges {{ node {{ {GOAL} objective {{ id }} children {{ node {{ id }} }}
        kpi {{ id }} }} }} }}
    owners {{ edges {{ node {{ id name objectives {{ id }} keyResults {{ id }} contributesTo {{ goal {{ id }}
        owner {{ id }} }}
        ... on Person {{ manager {{ id }} dottedManagers {{ id }} reports {{ id }} teams {{ id }} roles {{ id }} }}
        ... on Team {{ parent {{ id }} teams {{ id }} members {{ id }} leads {{ id }} }} }} }} }}
    periods {{ id within {{ id }} periods {{ id }} }}
    initiatives {{ edges {{ node {{ id owner {{ id }} supports {{ id }} }} }} }}
    kpis {{ edges {{ node {{ id keyResults {{ id }} }} }} }}
    roles {{ edges {{ node {{ id outcomes {{ id }} metrics {{ id }} holders {{ id }} }} }} }}
    search(text: "e") {{ edges {{ node {{ id }} }} }}
    links {{ edges {{ node {{ from to }} }} }}
    orphans {{ edges {{ node {{ objective {{ id }} candidates {{ goal {{ id }} }} }} }} }}
    leverage(id: "grow") {{ keyResult {{ id }} }}
    orgChart {{ nodes {{ owner {{ id }} reportsTo dottedTo goals {{ id }} }} text mermaid dot }}
    teams: orgChart(root: "bakery") {{ nodes {{ owner {{ id }} reportsTo goals {{ id }} }} text }}
    ladder(id: "sweets") {{ path {{ goal {{ id }} }} nodes {{ id }} edges {{ from to }} paths {{ id }}
        text mermaid dot }}
    cascade(id: "grow") {{ nodes {{ goal {{ id }} primaryParent }} edges {{ from to }} text mermaid dot }}
}}"""

ALL = Limits(cost=10**9)

TITLES = {
    "bread": "Bake better bread",
    "crust": "Crust tests passed",
    "sales": "Sell more loaves",
    "alone": "Écoles de pain",
    "ben": "Ben Müller",
    "ada": "Ada Baker",
    "ovens": "Ovens",
    "spring": "Spring",
    "mill": "Our own mill",
    "queue": "Queue at noon",
    "baker": "Head baker",
}


@pytest.mark.parametrize("hidden", sorted(TITLES))
def test_what_a_viewer_does_not_see_leaves_no_trace(ask: Ask, hidden: str) -> None:
    asking = Asking(ask.workspace, viewer=Short(hidden), limits=ALL)
    result = schema.answer(
        f"query Q($id: ID!) {{ node(id: $id) {{ id }} ...Everything }} {EVERYTHING}", asking, variables={"id": hidden}
    )
    assert result.errors is None
    assert result.data is not None
    assert result.data["node"] is None
    text = json.dumps(result.data, ensure_ascii=False)
    assert f'"{hidden}"' not in text
    assert TITLES[hidden] not in text
    whole = schema.answer(f"{{ ...Everything }} {EVERYTHING}", Asking(ask.workspace, limits=ALL))
    assert f'"{hidden}"' in json.dumps(whole.data, ensure_ascii=False)


def test_changed_leaves_out_what_a_viewer_does_not_see(ask: Ask) -> None:
    asking = Asking(ask.workspace, viewer=Short("bread"))
    result = schema.answer(
        """mutation { checkInKeyResult(input: { keyResultId: "crust", value: 20 }) {
            changed { goal { id } } changedCount } }""",
        asking,
    )
    assert result.data == {
        "checkInKeyResult": {"changed": [{"goal": {"id": "crust"}}, {"goal": {"id": "grow"}}], "changedCount": 2}
    }
