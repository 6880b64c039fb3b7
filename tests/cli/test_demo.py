"""The demo: the sample sorted through the very commands a user would type, as often as one likes."""

import pytest


@pytest.mark.sqlite_only  # its commands are tested one by one on either
def test_the_demo_sorts_its_sample_and_can_be_run_again(bare_shell):
    for _ in range(2):
        ran = bare_shell("demo", "--no-serve", "--companies", "300")
        assert "$ tamis lists import client-default" in ran.err
    found = bare_shell.json("overview")
    assert found["companies"] == 300 + 60 + 5
    assert all(found["segments"][name] for name in ("interne", "concurrent", "client", "prospect", "hors-cible"))
    assert found["waiting"] > 0
    assert found["review"] == 6
    assert len(bare_shell.json("doubles", "ls")) == 5
    assert len(bare_shell.json("contacts", "ls")) == 50  # a page of them
    assert bare_shell.json("lake", "verify")["ok"]
    audiences = bare_shell.json("audiences", "ls")
    assert [each["freshness"]["state"] for each in audiences] == ["fresh"] * 5
    assert sum(each["size"] for each in audiences) > 0
    [client] = [row for row in bare_shell.json("lists", "ls") if row["name"] == "client-default"]
    assert client["locked"]
    assert client["companies"] == client["lines"] - client["waiting"] - client["review"]
