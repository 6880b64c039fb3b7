"""Lists by the command line: columns of other names, and two versions compared."""

ACME, BOLT, CASA = "732829320", "552100554", "440546018"
HEADINGS = "Nom;SIREN;Domaine email;Website\n"


def test_columns_of_other_names_are_said(shell):
    file = shell.file("f.csv", f"Client;Ident;Site\nAcme;{ACME};acme.fr\n")
    refused = shell("lists", "import", "client-default", file, ok=False)
    assert refused.code == 2
    report = shell.json("lists", "import", "client-default", file, "--map", "Client=Nom", "--map", "Ident=SIREN")
    assert (report["accepted"], report["refused"]) == (1, 0)


def test_a_mapping_to_no_column_is_refused(shell):
    file = shell.file("f.csv", f"Client;Ident\nAcme;{ACME}\n")
    for said in ("Clients=Nom", "Client=Prénom", "Client=SIREN"):
        arguments = ("--map", "Ident=SIREN", "--map", said)
        answer = shell("lists", "import", "client-default", file, *arguments, "--json", ok=False)
        assert answer.code == 1
        assert answer.json["error"]["code"].startswith("map.")


def test_a_column_of_siren_alone_is_completed(shell):
    shell("companies", "import", shell.file("base.csv", f"Raison sociale;SIREN\nAcme;{ACME}\n"))
    file = shell.file("f.csv", f"Identifiant\n{ACME}\n{BOLT}\n")
    report = shell.json("lists", "import", "client-default", file, "--map", "Identifiant=SIREN")
    assert (report["matched"], report["waiting"], report["refused"]) == (1, 1, 0)


def test_two_versions_are_compared(shell):
    for n, lines in enumerate((f"Acme;{ACME};;\nBolt;{BOLT};;\n", f"Acme SA;{ACME};;\nCasa;{CASA};;\n")):
        shell("lists", "import", "client-default", shell.file(f"{n}.csv", HEADINGS + lines))
    found = shell.json("lists", "compare", "client-default", "1", "2")
    assert (found["added"], found["removed"], found["changed"], found["unchanged"]) == (1, 1, 1, 0)
    assert {each["what"]: (each["before"] or each["after"])[0] for each in found["changes"]} == {
        "changed": "Acme", "removed": "Bolt", "added": "Casa",
    }  # fmt: skip
    told = shell("lists", "compare", "client-default", "1", "2").out
    assert "Lignes ajoutées : 1 ; retirées : 1 ; changées : 1 ; inchangées : 0." in told
    assert shell("lists", "compare", "client-default", "1", "9", ok=False).code == 1
