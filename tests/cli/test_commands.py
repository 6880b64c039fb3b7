"""The command line's promises: JSON alone on stdout, exit codes, no question without a terminal."""

import csv
import io

import pytest
from interrupted import go, waiting

ACME, BOLT = "732829320", "552100554"
HEADINGS = "Nom;SIREN;Domaine email;Website\n"
IMPORT_KEYS = {
    "lines", "accepted", "refused", "matched", "waiting", "review", "moved", "kept_locked", "released",
}  # fmt: skip


def test_help_names_every_command(bare_shell):
    shown = bare_shell("--help").out
    for command in (
        "init",
        "serve",
        "overview",
        "settings",
        "users",
        "lists",
        "companies",
        "fields",
        "jobs",
        "worker",
        "demo",
    ):
        assert f"  {command} " in shown


def test_every_command_has_help(bare_shell):
    for group, commands in {
        "lists": "create ls rename delete import export history compare restore lock unlock template",
        "companies": "import export add edit drop show move release merge split",
        "audit": "ls export undo",
        "fields": "ls add rename add-choices delete",
        "identity": "match evaluate",
        "review": "ls accept refuse none answers undo report",
        "jobs": "ls show cancel",
        "settings": "show set",
        "users": "ls add invite reset-link reset-password role email deactivate reactivate",
        "tokens": "create ls revoke",
        "segments": "flows",
    }.items():
        listed = bare_shell(group, "--help").out
        for command in commands.split():
            assert f"  {command} " in listed
            assert "Usage: tamis" in bare_shell(group, command, "--help").out


def test_without_a_workspace_a_command_says_how_to_make_one(bare_shell):
    for arguments in (["lists", "ls"], ["companies", "show", "1"], ["serve"]):
        ran = bare_shell(*arguments, ok=False)
        assert ran.code == 2
        assert "tamis init" in ran.err


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("TAMIS_HOME", "/proc/nowhere"),
        ("TAMIS_DATABASE_URL", "mysql://somewhere/else"),
        ("TAMIS_DATABASE_URL", "postgresql://nobody:secret@127.0.0.1:1/nothing"),
    ],
)
def test_a_place_that_cannot_hold_a_workspace_is_told_in_a_sentence(bare_shell, variable, value):
    bare_shell.env.pop("TAMIS_DATABASE_URL", None)
    bare_shell.env[variable] = value
    for command in (["init"], ["lists", "ls"]):
        ran = bare_shell(*command, ok=False)
        assert ran.code == 2
        assert ran.err.strip().count("\n") == 0
        assert "secret" not in ran.err


@pytest.mark.sqlite_only
def test_a_broken_database_is_told_in_a_sentence(shell):
    (shell.home / "tamis.sqlite3").write_text("not a database")
    ran = shell("lists", "ls", ok=False)
    assert ran.code == 2
    assert "base de données" in ran.err


def test_init_twice_changes_nothing_and_says_so(bare_shell):
    first, second = bare_shell.json("init"), bare_shell.json("init")
    assert (first["created"], second["created"], second["password"]) == (True, False, None)
    assert (bare_shell.home / "secret.key").stat().st_mode & 0o777 == 0o600


def test_english_by_choice(shell):
    shell.env["TAMIS_LANG"] = "en"
    ran = shell("lists", "lock", "prospect-default", ok=False)
    assert "cannot be locked" in ran.err


def test_an_import_answers_one_json_object(shell):
    file = shell.file("l.csv", HEADINGS + f"Acme;{ACME};;\nRefusée;1;;\n")
    ran = shell("lists", "import", "client-default", file, "--json")
    assert ran.json.keys() >= IMPORT_KEYS
    assert (ran.json["lines"], ran.json["accepted"], ran.json["refused"], ran.json["waiting"]) == (2, 1, 1, 1)
    rehearsed = shell.json("lists", "import", "client-default", file, "--dry-run")
    assert rehearsed.keys() == ran.json.keys()


def test_strict_ends_with_1_and_applies_nothing(shell):
    file = shell.file("l.csv", HEADINGS + f"Acme;{ACME};;\nRefusée;1;;\n")
    ran = shell("lists", "import", "client-default", file, "--strict", "--json", ok=False)
    assert (ran.code, ran.json["applied"]) == (1, False)
    assert shell.json("lists", "history", "client-default") == []


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("absent.csv", None, "n'existe pas"),
        ("vide.csv", b"", "vide"),
        ("photo.csv", b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20, "image"),
        ("sans.csv", b"Nom;Website\nAcme;acme.fr\n", "SIREN, Domaine email"),
        ("double.csv", b"Nom;SIREN;SIREN;Domaine email;Website\nAcme;;;;\n", "en double : SIREN"),
        ("faux.xlsx", b"PK\x03\x04 rien", "xlsx"),
    ],
)
def test_a_file_that_cannot_be_read_ends_with_2_and_one_sentence(shell, name, content, said):
    path = shell.home.parent / name
    if content is not None:
        path.write_bytes(content)
    ran = shell("lists", "import", "client-default", path, "--json", ok=False)
    assert ran.code == 2
    assert said in ran.err
    assert ran.err.strip().count("\n") == 0
    assert ran.json["error"]["message"] == ran.err.strip()
    assert shell.json("lists", "history", "client-default") == []


def test_headings_only_is_an_empty_list(shell):
    report = shell.json("lists", "import", "client-default", shell.file("l.csv", HEADINGS))
    assert (report["lines"], report["accepted"], report["version"]) == (0, 0, 1)


def test_the_refused_lines_come_back_mended_and_go_in(shell):
    file = shell.file("l.csv", HEADINGS + "Société A;73282932l;;\nÉ 2;;contact@acme.fr;\nBon;;bon.fr;\n", "cp1252")
    refused = shell.home.parent / "refused.csv"
    shell("lists", "import", "client-default", file, "--refused", refused)
    raw = refused.read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(raw.decode("utf-8-sig"))))
    assert rows[0] == ["Nom", "SIREN", "Domaine email", "Website", "Motif"]
    assert [row[:4] for row in rows[1:]] == [["Société A", "73282932l", "", ""], ["É 2", "", "contact@acme.fr", ""]]
    assert "écrivez « acme.fr »" in rows[2][4]
    mended = raw.decode("utf-8-sig").replace("73282932l", ACME).replace("contact@acme.fr", "acme.fr")
    report = shell.json("lists", "import", "client-default", shell.file("mended.csv", mended), "--append")
    assert (report["accepted"], report["refused"]) == (2, 0)
    [row] = [row for row in shell.json("lists", "ls") if row["name"] == "client-default"]
    assert row["lines"] == 3


def test_deleting_a_list_with_companies_wants_a_word_and_without_a_terminal_says_how(shell):
    shell("companies", "add", "name=Acme", f"siren={ACME}")
    shell("lists", "create", "client", "or")
    shell("lists", "import", "client-or", shell.file("l.csv", HEADINGS + f"Acme;{ACME};;\n"))
    ran = shell("lists", "delete", "client-or", ok=False)
    assert ran.code == 1
    assert "prospect-default" in ran.err
    assert "--yes" in ran.err
    assert shell.json("lists", "delete", "client-or", "--dry-run")["destinations"] == {"prospect-default": 1}
    assert shell.json("lists", "delete", "client-or", "--yes")["deleted"]
    assert shell.json("companies", "show", ACME)["list"] == "prospect-default"


def test_an_empty_list_is_deleted_without_a_word(shell):
    shell("lists", "create", "client", "or")
    shell("lists", "delete", "client-or")


def test_unlocking_says_how_many_and_does_it(shell):
    shell("companies", "add", "name=Acme", f"siren={ACME}")
    file = shell.file("l.csv", HEADINGS + f"Acme;{ACME};;\n")
    shell("lists", "import", "client-default", file)
    shell("lists", "lock", "--segment", "client")
    report = shell.json("lists", "import", "concurrent-default", file)
    assert (report["kept_locked"], report["moved"]) == (1, 0)
    ran = shell("lists", "unlock", "client-default", "--json")
    assert ran.json["moved"] == 1
    assert "1 entreprise" in ran.err


@pytest.mark.parametrize(
    "arguments",
    [
        ["lists", "create", "clients", "x"],
        ["lists", "rename", "client-default", "x"],
        ["lists", "delete", "client-default"],
        ["lists", "lock", "prospect-default"],
        ["lists", "restore", "client-default", "7"],
        ["companies", "show", "123"],
        ["companies", "move", "client-default", "123"],
        ["companies", "add", "name=Acme", "siren=1"],
        ["companies", "split", "1"],
        ["settings", "set", "plan", "gold"],
        ["users", "add", "admin"],
    ],
    ids=" ".join,
)
def test_a_refusal_ends_with_1_and_one_sentence(shell, arguments):
    ran = shell(*arguments, "--json", ok=False)
    assert ran.code == 1
    assert ran.err.strip().count("\n") == 0
    assert ran.json["error"]["message"] == ran.err.strip()


def test_wrong_usage_ends_with_2(shell):
    for arguments in (["lists", "lock"], ["lists", "nope"], ["companies", "import"], ["companies", "add", "Acme"]):
        assert shell(*arguments, ok=False).code == 2


def test_over_quota_nothing_is_applied_and_it_says_how_many_fit(bare_shell):
    bare_shell("init", "--plan", "starter")
    lines = "".join(f"Attend {n};;attend-{n}-exemple.fr;\n" for n in range(1001))
    ran = bare_shell("lists", "import", "client-default", bare_shell.file("l.csv", HEADINGS + lines), ok=False)
    assert ran.code == 1
    assert "1\u202f000 lignes" in ran.err
    assert bare_shell.json("overview")["lines"] == 0


def test_the_template_can_be_imported_as_it_is(shell):
    for name in ("modele.csv", "modele.xlsx"):
        template = shell.home.parent / name
        shell("lists", "template", template)
        report = shell.json("lists", "import", "client-default", template)
        assert (report["refused"], report["accepted"]) == (0, 3)


def test_companies_go_out_and_come_in_again_unchanged(shell):
    shell("fields", "add", "Note", "--type", "number")
    shell("companies", "add", "name=Acmé", f"siren={ACME}", "website=acme.fr", "note=12", "headcount_bracket=12")
    shell("companies", "add", "name==SOMME(1)", "email_domain=bolt.fr", "revenue=1,5 M€", "country=Belgique")
    for name, extra in (("b.csv", []), ("b.xlsx", []), ("fr.csv", ["--format", "csv-fr"])):
        file = shell.home.parent / name
        assert shell.json("companies", "export", file, *extra)["companies"] == 2
        report = shell.json("companies", "import", file)
        assert (report["unchanged"], report["created"], report["refused"]) == (2, 0, 0), report
        assert report["new_headings"] == [], report


def test_an_export_can_be_of_a_segment_or_a_list(shell):
    shell("companies", "add", "name=Acme", f"siren={ACME}")
    shell("companies", "add", "name=Bolt", f"siren={BOLT}")
    shell("companies", "move", "client-default", ACME)
    file = shell.home.parent / "out.csv"
    assert shell.json("companies", "export", file, "--segment", "client")["companies"] == 1
    assert shell.json("companies", "export", file, "--list", "prospect-default")["companies"] == 1
    assert shell.json("companies", "export", file)["companies"] == 2


def test_a_doubt_is_answered_and_the_answer_undone(shell):
    ids = [shell.json("companies", "add", f"name=Groupe {city}", "website=groupe.fr")["id"] for city in ("A", "B")]
    shell("lists", "import", "client-default", shell.file("l.csv", HEADINGS + "Groupe;;groupe.fr;\n"))
    [line] = shell.json("review", "ls")
    assert [candidate["company"] for candidate in line["candidates"]] == ids
    assert line["candidates"][0]["evidence"] == "même hôte : groupe.fr"
    assert "groupe.fr" in shell("review", "ls").out
    assert shell.json("review", "accept", line["id"], ids[1]) == {"lines": 1}
    assert shell.json("companies", "show", ids[1])["list"] == "client-default"
    [answer] = shell.json("review", "answers")
    assert shell.json("review", "report")["accepted"] == 1
    shell("review", "undo", answer["id"])
    assert shell.json("companies", "show", ids[1])["list"] == "prospect-default"
    assert shell.json("review", "none", line["id"]) == {"lines": 1}
    assert shell.json("review", "ls") == []


def test_show_tells_claims_and_history(shell):
    shell("companies", "add", "name=Acme", f"siren={ACME}")
    shell("lists", "import", "client-default", shell.file("clients.csv", HEADINGS + f"Acme;{ACME};;\n"))
    shell("companies", "move", "autre-default", ACME)
    sheet = shell.json("companies", "show", ACME)
    assert [claim["list"] for claim in sheet["claims"]] == ["autre-default", "client-default"]
    assert [(move["from"], move["to"]) for move in sheet["moves"]] == [
        ("client-default", "autre-default"), ("prospect-default", "client-default"),
    ]  # fmt: skip
    assert "clients.csv, ligne 2" in sheet["moves"][1]["reason"]
    assert shell("companies", "show", ACME).out.count("client-default") >= 2


@pytest.fixture
def importing(shell):
    """An import into client-default that has staged its first lines and waits."""
    file = shell.file("big.csv", HEADINGS + "".join(f"Attend {n};;attend-{n}-exemple.fr;\n" for n in range(1200)))
    with waiting(shell, "tamis_listline", "lists", "import", "client-default", file) as first:
        yield first


def test_two_imports_at_once_into_one_list_tell_the_second(shell, importing):
    ran = shell("lists", "import", "client-default", shell.file("l.csv", HEADINGS), "--json", ok=False)
    assert (ran.code, ran.json["error"]["code"]) == (1, "busy")
    assert go(importing) == 0
    assert [each["accepted"] for each in shell.json("lists", "history", "client-default")] == [1200]


def test_a_killed_import_does_not_keep_the_list_busy(shell, importing):
    importing.kill()
    importing.wait()
    report = shell.json("lists", "import", "client-default", shell.file("l.csv", HEADINGS + f"Acme;{ACME};;\n"))
    assert (report["applied"], report["version"]) == (True, 1)


def test_doubles_are_found_listed_merged_and_parted_again(shell):
    shell("companies", "import", shell.file("c.csv", f"Raison sociale;SIREN\nTransports Castelnau;{ACME}\n"))
    shell("companies", "add", "name=Transports Castelnau SARL")
    assert shell.json("doubles", "search") == {"companies": 1, "proposed": 1, "new": 1, "merged": 0}
    [pair] = shell.json("doubles", "ls")
    assert (pair["kept"]["siren"], pair["absorbed"]["name"]) == (ACME, "Transports Castelnau SARL")
    assert "à la forme juridique près" in pair["evidence"]
    shell("doubles", "refuse", pair["id"])
    assert shell.json("doubles", "ls") == []
    assert len(shell.json("doubles", "ls", "--refused")) == 1
    shell("doubles", "reopen", pair["id"])
    merged = shell.json("doubles", "merge", pair["id"])
    assert (merged["kept"], merged["absorbed"]) == (pair["kept"]["id"], pair["absorbed"]["id"])
    assert shell("doubles", "merge", pair["id"], ok=False).code == 1
    shell("companies", "split", merged["merge"])
    assert len(shell.json("doubles", "ls")) == 1
    assert shell.json("doubles", "search", "--merge-above", "0.7")["merged"] == 1


def test_a_token_is_made_seen_and_revoked(shell):
    made = shell.json("tokens", "create", "admin", "export du CRM", "--right", "sort", "--days", "30")
    assert made["secret"].startswith(made["prefix"])
    listed = shell("tokens", "ls", "--user", "admin", "--json")
    assert made["secret"] not in listed.out
    assert [(each["name"], each["state"]) for each in listed.json] == [("export du CRM", "active")]
    assert shell.json("tokens", "revoke", made["id"])["state"] == "revoked"
    assert shell("tokens", "create", "nobody", "x", ok=False).code == 1
