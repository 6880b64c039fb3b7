"""Insights from the command line: the same figures as the console, for people and for programs."""

import pytest


@pytest.fixture(scope="module")
def cast(tmp_path_factory, first_workspace):
    """Three companies, two in Lyon, two with twelve people; two audiences of them."""
    from shells import Shell

    shell = Shell(tmp_path_factory.mktemp("insights") / "home", first_workspace)
    lines = "Nom;Ville;Effectif\nAcme;Lyon;12\nBolt;Lyon;\nCrin;Albi;12\n"
    shell("companies", "import", shell.file("base.csv", lines))
    shell("audiences", "create", "Lyon", "--rule", 'companies where city = "Lyon"')
    shell("audiences", "create", "Douze", "--rule", "companies where headcount = 12")
    shell("audiences", "refresh", "--all")
    return shell


def test_an_overlap_counts_exactly_these(cast):
    found = cast.json("audiences", "overlap", "lyon", "douze")
    assert {tuple(each["in"]): each["count"] for each in found["intersections"]} == {
        ("Lyon",): 1, ("Douze",): 1, ("Lyon", "Douze"): 1,
    }  # fmt: skip
    said = cast("audiences", "overlap", "lyon", "douze")
    assert "Lyon + Douze" in said.out
    assert "Lyon : état du" in said.err


def test_a_comparison_tells_the_most_telling_field_first(cast):
    found = cast.json("audiences", "compare", "Lyon")
    assert (found["a"]["size"], found["b"]["size"], found["b"]["name"]) == (2, 1, "tous les autres")
    assert found["fields"][0]["effect"] >= found["fields"][-1]["effect"]
    said = cast("audiences", "compare", "Lyon", "Douze")
    assert "moins de 30 membres" in said.err
    assert "+50.0" in said.out


def test_a_forecast_without_past_says_so(cast):
    assert cast.json("audiences", "forecast", "Lyon")["missing_weeks"] == 8
    assert "il manque 8 semaines entières" in cast("audiences", "forecast", "Lyon").out


def test_flows_between_segments(cast):
    found = cast.json("segments", "flows")
    assert found["flows"][-1] | {"from": "new", "to": "prospect", "companies": 3} == found["flows"][-1]
    assert "nouvelle" in cast("segments", "flows").out


def test_what_cannot_be_told_is_refused(cast):
    for command, code in (
        (("audiences", "overlap", "Lyon"), "insight.overlap"),
        (("audiences", "compare", "Lyon", "lyon"), "insight.same"),
        (("audiences", "forecast", "Lyon", "--weeks", "99"), "forecast.weeks"),
        (("segments", "flows", "--from", "hier"), "flows.month"),
    ):
        ran = cast(*command, "--json", ok=False)
        assert (ran.code, ran.json["error"]["code"]) == (1, code)
