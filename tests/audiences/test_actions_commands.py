"""``tamis audiences actions``, and the same over the API: added, listed, told of, replayed, deleted."""

import launcher
import pytest
from cast import company  # noqa: F401
from receiver import Receiver, status

from tamis.app.services import audience_effects, audience_webhooks, audiences, tags

REFRESH = """
from tamis.cli.shell import django_ready
actor = django_ready()
from tamis.app.services import refreshing
assert all(each.ok for each in refreshing.refresh_all(actor))
"""
CREATE = """
from tamis.cli.shell import django_ready
actor = django_ready()
from tamis.app.models import Mode
from tamis.app.services import audiences
rule = 'companies where city = "Lyon"'
audiences.create(actor, "Lyonnaises", audiences.Definition(rule, Mode.DYNAMIC))
"""


def runs(shell, program):
    done = launcher.run(["-c", program], shell.env)
    assert done.returncode == 0, done.stderr


@pytest.fixture
def lyon(shell):
    """Acme is in Lyon, and there is an audience of those."""
    shell("companies", "import", shell.file("base.csv", "Nom;SIREN;Ville\nAcme;732829320;Lyon\nBolt;552100554;Albi\n"))
    runs(shell, CREATE)
    return shell


def actions(shell, *words, **how):
    return shell("audiences", "actions", *words, **how)


def told(shell, *words):
    return shell.json("audiences", "actions", *words)


def test_a_list_and_a_tag_apply_to_who_is_in_already_and_go_with_the_action(lyon):
    runs(lyon, REFRESH)
    lyon("lists", "create", "prospect", "Lyon")
    lyon("tags", "add", "Ville", "Lyonnaise")
    claim = told(lyon, "add", "Lyonnaises", "--list", "prospect-Lyon")
    tag = told(lyon, "add", "Lyonnaises", "--tag", "Ville: Lyonnaise")
    assert (claim["kind"], claim["target"], claim["waiting"], tag["target"]) == (
        "list", "prospect-Lyon", 0, "Ville: Lyonnaise",
    )  # fmt: skip
    acme = lyon.json("companies", "show", "732829320")
    assert (acme["list"], [each["name"] for each in acme["tags"]]) == ("prospect-Lyon", ["Lyonnaise"])
    assert acme["claims"][0]["reason"] == "règle de l'audience « Lyonnaises »"
    assert [each["id"] for each in told(lyon, "ls", "lyonnaises")] == [claim["id"], tag["id"]]
    assert "« prospect-Lyon » réclame l'entreprise" in actions(lyon, "ls", "Lyonnaises").out
    refused = actions(lyon, "rm", "Lyonnaises", claim["id"], ok=False)
    assert "--yes" in refused.err
    actions(lyon, "rm", "Lyonnaises", claim["id"], "--yes")
    actions(lyon, "rm", "Lyonnaises", tag["id"], "--yes")
    acme = lyon.json("companies", "show", "732829320")
    assert (acme["list"], acme["tags"]) == ("prospect-default", [])
    assert told(lyon, "ls", "Lyonnaises") == []


def test_a_webhook_goes_out_fails_and_is_replayed(lyon):
    receiver = Receiver(answers=[status(410)])
    refused = actions(lyon, "add", "Lyonnaises", "--webhook", receiver.url, ok=False)
    assert "TAMIS_WEBHOOK_HOSTS" in refused.err
    lyon.env["TAMIS_WEBHOOK_HOSTS"] = receiver.host
    made = told(lyon, "add", "Lyonnaises", "--webhook", receiver.url)
    assert made["secret"] == told(lyon, "secret", "Lyonnaises", made["id"])["secret"]
    runs(lyon, REFRESH)
    runs(lyon, "from tamis.cli.shell import django_ready\ndjango_ready()\n"
         "from tamis.app.services import audience_effects\naudience_effects.deliver(60)")  # fmt: skip
    [dead] = told(lyon, "outbox", "Lyonnaises", "--dead")["deliveries"]
    assert (dead["state"], dead["status"], dead["members"]) == ("dead", 410, 1)
    shown = actions(lyon, "outbox", "Lyonnaises").out
    assert [word in shown for word in ("La machine a répondu 410.", "en entrant", "abandonné", "enter ")] == [
        True, True, True, False,
    ]  # fmt: skip
    assert told(lyon, "replay", "Lyonnaises", dead["id"]) == {"replayed": 1, "sent": 1, "failed": 0, "dead": 0}
    assert [each.json["id"] for each in receiver.sent] == [dead["key"]] * 2
    assert told(lyon, "outbox", "Lyonnaises", "--dead") == {"deliveries": [], "effects": []}
    nothing = actions(lyon, "replay", "Lyonnaises", ok=False)
    assert (nothing.code, "Rien à relancer" in nothing.err) == (1, True)
    receiver.close()


def test_what_makes_no_sense_is_said(lyon):
    for words in ([], ["--tag", "a", "--list", "b"]):
        wrong = actions(lyon, "add", "Lyonnaises", *words, ok=False)
        assert (wrong.code, "une seule" in wrong.err) == (2, True)
    assert "Aucun tag" in actions(lyon, "add", "Lyonnaises", "--tag", "Rien", ok=False).err
    assert "n° 9" in actions(lyon, "rm", "Lyonnaises", 9, "--yes", ok=False).err
    wrong = actions(lyon, "add", "Lyonnaises", "--list", "prospect-default", "--on", "leave", ok=False)
    assert "durent tant qu'on est membre" in wrong.err


def test_the_same_over_the_api(alice, company, audience, refresh, settings):  # noqa: F811
    import json

    from django.test import Client

    from tamis.app.models import Right, User
    from tamis.app.services import tokens

    owner = User.objects.create(username="éditrice", role="editor")
    secret = tokens.create(alice, owner, "essai", Right.SORT).secret
    program = Client(HTTP_HOST="localhost", headers={"Authorization": f"Bearer {secret}"})
    tags.add(alice, "Ville", "Lyonnaise")
    company("Acme", city="Lyon")
    one = audience("Lyonnaises", 'companies where city = "Lyon"')
    settings.WEBHOOK_HOSTS = frozenset({"127.0.0.1"})
    base = f"/api/v1/audiences/{one.pk}"

    def posted(path, body=None):
        return program.post(base + path, json.dumps(body or {}), content_type="application/json")

    made = posted("/actions", {"kind": "tag", "target": "Lyonnaise"}).json()
    assert (made["on"], made["target"]) == ("enter", "Ville: Lyonnaise")
    hook = posted("/actions", {"kind": "webhook", "target": "http://127.0.0.1:1/", "on": "enter"}).json()
    again = posted("/actions", {"kind": "tag", "target": "Lyonnaise"})
    assert (again.status_code, again.json()["error"]["code"]) == (409, "action.taken")
    [action] = one.actions.filter(kind="webhook")
    assert program.get(f"{base}/actions/{hook['id']}/secret").json()["secret"] == audience_webhooks.secret(action)
    assert program.get(f"{base}/actions/{made['id']}/secret").status_code == 409
    refresh(one)
    assert audience_effects.deliver(60).failed == 1
    [delivery] = program.get(f"{base}/deliveries").json()["items"]
    assert (delivery["state"], delivery["answer"]) == ("waiting", "127.0.0.1 n'accepte pas la connexion.")
    assert program.get(f"{base}/deliveries?dead=true").json() == {"items": [], "next": None}
    assert program.get(f"{base}/effects").json() == {"items": []}
    assert posted(f"/deliveries/{delivery['id']}/replay").status_code == 409
    action.deliveries.update(state="dead")
    assert posted("/deliveries/replay").json() == {"replayed": 1}
    assert [each["id"] for each in program.get(f"{base}/actions").json()["items"]] == [made["id"], hook["id"]]
    assert program.delete(f"{base}/actions/{made['id']}").json()["id"] == made["id"]
    assert audiences.find("Lyonnaises").actions.count() == 1
