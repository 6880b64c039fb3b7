"""Audiences on the command line: defined, refreshed, asked who is in, kept, copied, explained."""

import csv

import pytest
import python_calamine
from shells import Shell

LYON = 'contacts where city = "Lyon"'
MARCH, APRIL, MAY = "2026-03-31T18:00", "2026-04-30T18:00", "2026-05-31T18:00"


@pytest.fixture(scope="module")
def first_cast(tmp_path_factory, first_workspace):
    """Léa and a contact whose name is a formula live in Lyon, Zoé in Albi; Acme is a company in Lyon."""
    shell = Shell(tmp_path_factory.mktemp("audiences") / "home", first_workspace)
    shell("contacts", "add", "email=lea@acme-exemple.fr", "first_name=Léa", "last_name=Morel", "city=Lyon")
    shell("contacts", "add", "email=sum@acme-exemple.fr", "last_name==SUM(1)", "city=Lyon")
    shell("contacts", "add", "email=zoe@acme-exemple.fr", "first_name=Zoé", "last_name=Petit", "city=Albi")
    shell("companies", "add", "name=Acme", "siren=732829320", "city=Lyon")
    shell("audiences", "create", "Les Lyonnais", "--rule", LYON)
    return shell


@pytest.fixture
def cast(tmp_path, first_cast):
    """A copy of that workspace."""
    return Shell(tmp_path / "home", first_cast)


def names(shell, *arguments):
    """The names of the members that a command gives."""
    return [each["name"] for each in shell.json("audiences", "members", *arguments)["items"]]


def test_create_only_defines_and_the_first_refresh_fills(cast):
    assert cast.json("audiences", "members", "les lyonnais")["items"] == []
    [before] = cast.json("audiences", "ls")
    assert (before["mode"], before["size"], before["freshness"]["state"]) == ("dynamic", 0, "never")
    [outcome] = cast.json("audiences", "refresh", "les lyonnais", "--now", MARCH)
    told = ("audience", "state", "entered", "left", "size", "now", "way", "error")
    assert {name: outcome[name] for name in told} == {
        "audience": "Les Lyonnais", "state": "done", "entered": 2, "left": 0, "size": 2,
        "now": "2026-03-31T16:00:00+00:00", "way": "full", "error": None,
    }  # fmt: skip
    assert outcome["milliseconds"] > 0
    found = cast.json("audiences", "members", "les lyonnais")
    assert (found["count"], found["as_of"], found["version"]) == (2, "2026-03-31T16:00:00+00:00", 1)
    assert found["items"][0] == {
        "id": 1, "name": "Léa Morel", "email": "lea@acme-exemple.fr", "entered": "2026-03-31T16:00:00+00:00",
    }  # fmt: skip
    [after] = cast.json("audiences", "ls")
    assert (after["size"], after["freshness"]["state"]) == (2, "fresh")


def test_members_in_a_file_have_number_name_address_and_when(cast, tmp_path):
    cast("audiences", "refresh", "Les Lyonnais", "--now", MARCH)
    assert cast.json("audiences", "members", "Les Lyonnais", "--csv", tmp_path / "m.csv")["written"] == 2
    assert (tmp_path / "m.csv").read_bytes().decode("utf-8-sig") == (
        "id,name,email,entered\r\n"
        "1,Léa Morel,lea@acme-exemple.fr,2026-03-31 18:00:00+02:00\r\n"
        "2,'=SUM(1),sum@acme-exemple.fr,2026-03-31 18:00:00+02:00\r\n"
    )
    cast("audiences", "members", "Les Lyonnais", "--csv", tmp_path / "m.xlsx")
    rows = python_calamine.CalamineWorkbook.from_path(tmp_path / "m.xlsx").get_sheet_by_index(0).to_python()
    assert rows[2] == [2.0, "=SUM(1)", "sum@acme-exemple.fr", "2026-03-31 18:00:00+02:00"]
    cast("audiences", "create", "Lyon, sociétés", "--rule", 'companies where city = "Lyon"')
    cast("audiences", "refresh", "Lyon, sociétés", "--now", MARCH)
    cast("audiences", "members", "Lyon, sociétés", "--csv", tmp_path / "c.csv", "--format", "csv-fr")
    with (tmp_path / "c.csv").open(encoding="utf-8-sig", newline="") as file:
        assert [*csv.reader(file, delimiter=";")] == [
            ["id", "name", "siren", "entered"], ["1", "Acme", "732829320", "2026-03-31 18:00:00+02:00"],
        ]  # fmt: skip


def test_who_was_in_on_a_day_under_the_rule_of_that_day(cast):
    cast("audiences", "refresh", "Les Lyonnais", "--now", MARCH)
    cast("audiences", "edit", "Les Lyonnais", "--rule", 'contacts where city = "Albi"')
    [shown] = cast.json("audiences", "ls")
    assert shown["freshness"]["state"] == "changed"
    cast("audiences", "refresh", "Les Lyonnais", "--now", APRIL)
    assert names(cast, "Les Lyonnais") == ["Zoé Petit"]
    then = cast.json("audiences", "members", "Les Lyonnais", "--as-of", "2026-04-15")
    assert ([each["id"] for each in then["items"]], then["version"], then["rule"]) == ([1, 2], 1, LYON)
    assert names(cast, "Les Lyonnais", "--as-of", MARCH) == ["Léa Morel", "=SUM(1)"]
    assert names(cast, "Les Lyonnais", "--as-of", "2026-03-31T17:59") == []
    found = cast.json("audiences", "diff", "Les Lyonnais", "--from", MARCH, "--to", APRIL)
    assert (found["entered"], found["left"], found["stayed"]) == (1, 2, 0)
    assert (found["from"]["version"], found["to"]["version"]) == (1, 2)
    assert [(each["id"], each["what"]) for each in found["items"]] == [(1, "left"), (2, "left"), (3, "entered")]
    cast("contacts", "edit", "1", "city=Albi")
    cast("audiences", "refresh", "Les Lyonnais", "--now", "2026-05-01")
    shown = cast("audiences", "diff", "Les Lyonnais", "--from", APRIL, "--to", "2026-05-01").out
    assert "Entrés : 1 ; sortis : 0 ; restés : 1." in shown
    assert ("Léa Morel" in shown, "Zoé Petit" in shown) == (True, False)
    before = cast.json("audiences", "diff", "Les Lyonnais", "--from", "2020-01-01", "--to", MARCH)
    assert (before["from"]["as_of"], before["entered"]) == (None, 2)
    reverse = cast("audiences", "diff", "Les Lyonnais", "--from", APRIL, "--to", MARCH, "--json", ok=False)
    assert (reverse.code, reverse.json["error"]["code"]) == (1, "audience.instants")
    runs = cast.json("audiences", "history", "Les Lyonnais")
    assert [(each["entered"], each["left"], each["size"], each["version"]) for each in runs] == [
        (1, 0, 2, 2),
        (1, 2, 1, 2),
        (2, 0, 2, 1),
    ]


def test_a_copy_stays_as_it_was(cast):
    cast("audiences", "refresh", "Les Lyonnais", "--now", MARCH)
    cast("contacts", "edit", "1", "city=Albi")
    cast("audiences", "refresh", "Les Lyonnais", "--now", APRIL)
    run = cast.json("audiences", "freeze", "Les Lyonnais", "Lyonnais de mars", "--as-of", MARCH)
    assert (run["entered"], run["size"], run["now"]) == (2, 2, "2026-03-31T16:00:00+00:00")
    assert "Les Lyonnais" in run["why"]
    cast("audiences", "refresh", "--all", "--now", MAY)
    assert names(cast, "Lyonnais de mars") == ["Léa Morel", "=SUM(1)"]
    assert cast.json("audiences", "show", "Lyonnais de mars")["mode"] == "static"
    early = cast("audiences", "freeze", "Les Lyonnais", "Trop tôt", "--as-of", "2020-01-01", "--json", ok=False)
    assert (early.code, early.json["error"]["code"]) == (1, "audience.empty")
    assert [each["name"] for each in cast.json("audiences", "ls")] == ["Les Lyonnais", "Lyonnais de mars"]


def test_hands_are_remembered_and_can_be_released(cast):
    cast("audiences", "refresh", "Les Lyonnais")
    added = cast.json("audiences", "add", "Les Lyonnais", "zoe@acme-exemple.fr")
    assert (added["pinned"], added["entered"], added["size"], added["way"]) == (1, 1, 3, "hand")
    cast("audiences", "remove", "Les Lyonnais", "1")
    cast("audiences", "refresh", "Les Lyonnais")
    assert names(cast, "Les Lyonnais") == ["=SUM(1)", "Zoé Petit"]
    shown = cast.json("audiences", "show", "Les Lyonnais")
    assert (shown["pinned_in"], shown["pinned_out"]) == (1, 1)
    told = cast("audiences", "explain", "Les Lyonnais", "--contact", "zoe@acme-exemple.fr").out
    assert "« Zoé Petit » est dans « Les Lyonnais » depuis le " in told
    assert "- Ajouté à la main par " in told
    assert "✗ faux Zoé Petit (n° 3)" in told
    assert cast.json("audiences", "release", "Les Lyonnais", "1", "3")["released"] == 2
    assert names(cast, "Les Lyonnais") == ["Léa Morel", "=SUM(1)"]
    nobody = cast("audiences", "add", "Les Lyonnais", "nobody@acme-exemple.fr", ok=False)
    assert nobody.code == 1


def test_what_would_happen_is_said_before_and_nothing_is_written(cast):
    cast("audiences", "refresh", "Les Lyonnais")
    cast("audiences", "create", "Petit", "--rule", 'contacts where last_name = "Petit"')
    cast("audiences", "refresh", "Petit")
    found = cast.json("audiences", "edit", "Les Lyonnais", "--rule", 'contacts where city in ("Albi", "Lyon")',
                      "--mode", "add-only", "--exclude", "Petit", "--dry-run")  # fmt: skip
    assert (found["before"], found["entered"], found["left"], found["size"]) == (2, 0, 0, 2)
    found = cast.json("audiences", "edit", "Les Lyonnais", "--rule", 'contacts where city = "Albi"',
                      "--most-leaving", "50", "--dry-run")  # fmt: skip
    assert (found["entered"], found["left"], found["size"], found["held"]) == (1, 2, 1, True)
    assert [each["name"] for each in found["entering"]] == ["Zoé Petit"]
    assert [each["name"] for each in found["leaving"]] == ["Léa Morel", "=SUM(1)"]
    assert found["overlaps"] == [{"audience": "Petit", "both": 1, "here": 0, "there": 0}]
    new = cast.json("audiences", "create", "Tous", "--rule", "contacts where email is known", "--dry-run")
    assert (new["audience"], new["entered"]) == (None, 3)
    assert [(each["audience"], each["both"], each["here"]) for each in new["overlaps"]] == [
        ("Les Lyonnais", 2, 1), ("Petit", 1, 2),
    ]  # fmt: skip
    taken = cast("audiences", "create", "petit", "--rule", LYON, "--dry-run", "--json", ok=False)
    assert taken.json["error"]["code"] == "audience.taken"
    cast("contacts", "edit", "3", "city=Lyon")
    [would] = cast.json("audiences", "refresh", "Les Lyonnais", "--dry-run")
    assert (would["entered"], would["size"]) == (1, 3)
    assert "Rien n'a été changé" in cast("audiences", "refresh", "--all", "--dry-run").out
    assert [(each["name"], each["size"], each["rule"]) for each in cast.json("audiences", "ls")] == [
        ("Les Lyonnais", 2, LYON), ("Petit", 1, 'contacts where last_name = "Petit"'),
    ]  # fmt: skip


def test_what_is_held_says_so_and_goes_on_when_confirmed(cast):
    cast("audiences", "edit", "Les Lyonnais", "--most-leaving", "20")
    cast("audiences", "create", "Autres", "--rule", 'contacts where city != "Lyon"')
    cast("audiences", "refresh", "--all")
    cast("contacts", "edit", "1", "city=Albi")
    held = cast("audiences", "refresh", "--all", "--json", ok=False)
    assert held.code == 1
    assert [each["size"] for each in held.json if each["state"] == "held"] == [2]  # nobody has left
    assert [(each["audience"], each["state"], each["left"]) for each in held.json] == [
        ("Les Lyonnais", "held", 1), ("Autres", "done", 0),
    ]  # fmt: skip
    assert held.json[0]["error"]["code"] == "audience.held"
    fresh = cast.json("audiences", "show", "Les Lyonnais")["freshness"]
    assert (fresh["state"], fresh["since"] is not None) == ("held", True)
    assert cast("audiences", "confirm", "Les Lyonnais").out.count("fait") == 1
    assert names(cast, "Les Lyonnais") == ["=SUM(1)"]
    again = cast("audiences", "confirm", "Les Lyonnais", "--json", ok=False)
    assert (again.code, again.json["error"]["code"]) == (1, "audience.not-held")


def test_a_rule_that_breaks_fails_alone(cast):
    cast("tags", "add", "Secteur", "Industrie")
    cast("audiences", "create", "Industrie", "--rule", 'contacts where has tag "Industrie"')
    cast("audiences", "refresh", "--all")
    cast("tags", "delete", "Industrie", "--yes")
    done = cast("audiences", "refresh", "--all", "--json", ok=False)
    assert done.code == 1
    assert {each["audience"]: each["state"] for each in done.json} == {"Les Lyonnais": "done", "Industrie": "failed"}
    fresh = cast.json("audiences", "show", "Industrie")["freshness"]
    assert fresh["state"] == "failed"
    assert "Industrie" in fresh["why"]
    told = cast.json("audiences", "explain", "Industrie", "--contact", "1")
    assert (told["matches"], told["inside"]) == (None, False)
    assert "Industrie" in " ".join(told["reasons"])


def test_edits_leave_the_rest_as_it_was(cast):
    cast("audiences", "create", "Petit", "--rule", 'contacts where last_name = "Petit"')
    cast("audiences", "edit", "Les Lyonnais", "--exclude", "Petit", "--every", "2h", "--name", "Lyon")
    shown = cast.json("audiences", "show", "lyon")
    assert (shown["rule"], shown["exclusions"], shown["every"], shown["version"]) == (LYON, ["Petit"], 120, 2)
    assert shown["freshness"]["next"] is not None
    cast("audiences", "edit", "Lyon", "--no-exclude", "--no-every", "--mode", "add-only")
    shown = cast.json("audiences", "show", "lyon")
    assert (shown["exclusions"], shown["every"], shown["mode"], shown["version"]) == ([], None, "add-only", 3)
    assert cast("audiences", "edit", "Lyon", ok=False).code == 2
    assert cast("audiences", "edit", "Lyon", "--every", "1h", "--no-every", ok=False).code == 2
    cast("audiences", "order", "Petit")
    assert [each["name"] for each in cast.json("audiences", "ls")] == ["Petit", "Lyon"]


def test_what_is_asked_wrongly_says_what_to_do(cast):
    bare = cast("audiences", "refresh", ok=False)
    assert (bare.code, "--all" in bare.err) == (2, True)
    near = cast("audiences", "show", "Les Lyonais", ok=False)
    assert (near.code, "Vouliez-vous dire « Les Lyonnais » ?" in near.err) == (1, True)
    wrong = cast("audiences", "create", "X", "--rule", "contacts where citi = 1", ok=False)
    assert (wrong.code, "Ligne 1, colonne 16" in wrong.err) == (1, True)
    seconds = cast("audiences", "edit", "Les Lyonnais", "--every", "30s", ok=False)  # neither that nor thirty weeks
    assert (seconds.code, "15m, 1h, 1d ou 1w" in seconds.err) == (1, True)
    firms = cast("audiences", "edit", "Les Lyonnais", "--rule", 'companies where city = "Lyon"', ok=False)
    said = "« Les Lyonnais » contient des contacts : sa règle doit porter sur des contacts."
    assert (firms.code, firms.err.strip()) == (1, said)
    cast("audiences", "refresh", "--all")
    kept = cast("audiences", "delete", "Les Lyonnais", ok=False)
    assert (kept.code, "--yes" in kept.err) == (1, True)
    assert cast.json("audiences", "delete", "Les Lyonnais", "--yes")["members"] == 2
    assert cast.json("audiences", "ls") == []


def test_who_entered_or_left_on_a_day(cast):
    cast("audiences", "refresh", "Les Lyonnais", "--now", MARCH)
    cast("contacts", "edit", "1", "city=Albi")
    cast("audiences", "refresh", "Les Lyonnais", "--now", APRIL)
    found = cast.json("audiences", "edges", "Les Lyonnais", "--from", "2026-03-01", "--to", "2026-03-31")
    assert (found["count"], [each["name"] for each in found["items"]]) == (2, ["Léa Morel", "=SUM(1)"])
    assert (found["items"][0]["version"], found["items"][0]["way"]) == (1, "full")
    shown = cast("audiences", "edges", "Les Lyonnais", "--from", "2026-04-30", "--left").out
    assert "1 sortie" in shown
    assert "Léa Morel" in shown
    assert cast("audiences", "edges", "Les Lyonnais", "--from", "hier", ok=False).code == 1


def test_the_audiences_of_somebody(cast):
    cast("audiences", "refresh", "Les Lyonnais", "--now", MARCH)
    [one] = cast.json("audiences", "of", "--contact", "lea@acme-exemple.fr")
    assert (one["name"], one["mode"], one["since"]) == ("Les Lyonnais", "dynamic", "2026-03-31T16:00:00+00:00")
    assert "Les Lyonnais" in cast("audiences", "of", "--contact", "1").out
    assert "Dans aucune audience" in cast("audiences", "of", "--company", "732829320").out
    assert cast("audiences", "of", ok=False).code == 2
