"""The command line and the API speak of the same thing in the same shape."""

from typing import Any

import pytest

SAME = {
    "/lists": ("lists", "ls"),
    "/review": ("review", "ls"),
    "/review/answers": ("review", "answers"),
    "/tokens": ("tokens", "ls"),
}


@pytest.fixture
def served(shell: Any) -> Any:
    """Asks a server of this workspace."""
    import json
    from urllib.request import Request, urlopen

    from serving import serving

    secret = shell.json("tokens", "create", "admin", "essai", "--right", "administer")["secret"]
    with serving(shell.env) as address:

        def asked(path: str) -> Any:
            return json.load(urlopen(Request(f"{address}/api/v1{path}", headers={"Authorization": f"Bearer {secret}"})))

        yield asked


def test_the_same_thing_has_the_same_fields(shell: Any, served: Any) -> None:
    for name in ("Dune", "Erg"):
        shell("companies", "add", f"name={name}", "website=partage.fr")
    shell("lists", "create", "prospect", "salons")
    lines = "Filaos;;;partage.fr\nGenet;;;partage.fr\n"
    file = shell.file("salon.csv", "Nom;SIREN;Domaine email;Website\n" + lines)
    report = shell.json("lists", "import", "prospect-salons", file)
    first = shell.json("review", "ls")[0]
    shell("review", "accept", first["id"], first["candidates"][0]["company"])
    for path, command in SAME.items():
        [mine, *_], [theirs, *_] = served(path)["items"], shell.json(*command)
        assert set(mine) == set(theirs), path
    target = next(each for each in served("/lists")["items"] if each["name"] == "prospect-salons")
    [version] = served(f"/lists/{target['id']}/versions")["items"]
    assert version.keys() == shell.json("lists", "history", "prospect-salons")[0].keys()
    assert report.keys() <= {
        "refused_lines",
        *served("/openapi.json")["components"]["schemas"]["ReportOut"]["properties"],
    }
    assert served("/overview") == shell.json("overview")
    assert served("/review/quality") == shell.json("review", "report")
    assert served("/companies/1").keys() == shell.json("companies", "show", "1").keys()


def test_no_two_shapes_share_a_name() -> None:
    """The description knows shapes by name alone: of two of one name, one would be told for both."""
    from collections import Counter

    from ninja import Schema

    from tamis.app.api import v1

    described = set(v1.description()["components"]["schemas"])
    below = [Schema]
    for each in below:
        below.extend(each.__subclasses__())
    names = Counter(each.__name__ for each in {*below} if each.__module__.startswith("tamis.app.api"))
    assert [name for name, times in names.items() if times > 1 and name in described] == []
