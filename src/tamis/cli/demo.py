"""``tamis demo``: a realistic French sample, sorted through the very commands a user would type."""

import shlex
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import click

from tamis.cli.shell import _, django_ready, note
from tamis.messages import say

FIRST_FAIR = "prospect-salon industrie Lyon"
"""Before it, clients and competitors are locked: an exhibitor list does not make a prospect of them."""

LISTS = (
    ("interne-default", "interne.csv"),
    ("concurrent-default", "concurrents.csv"),
    ("client-default", "clients.csv"),
    ("distributeur-default", "distributeurs.csv"),
    ("partenaire-default", "partenaires.csv"),
    ("fournisseur-default", "fournisseurs.csv"),
    ("hors-cible-default", "hors-cible.csv"),
    ("prospect-in pipe", "in-pipe.csv"),
    (FIRST_FAIR, "salon-industrie-lyon.xlsx"),
    ("prospect-salon tech Paris", "salon-tech-paris.csv"),
    ("prospect-cartes de visite", "cartes-de-visite.csv"),
)
"""The lists of the sample in the order of their import: of two imports that claim a company, the later one has it."""

AUDIENCES = (
    ("Clients des douze derniers mois", "contacts where did purchase in last 12 months", "--every", "1d"),
    (
        "Intéressés par les tarifs",
        'contacts where did page_view (path = "/tarifs") in last 30 days',
        "--exclude", "Clients des douze derniers mois", "--every", "1h",
    ),
    ("Lecteurs de nos e-mails", "contacts where did email_open at least 2 times in last 60 days", "--every", "1h"),
    (
        "Entreprises actives sur le site",
        "companies where did page_view at least 3 times in last 30 days",
        "--every", "1h", "--most-leaving", "50",
    ),
    ("PME du Rhône", 'companies where department = "69" and headcount between 10 and 249', "--mode", "add-only"),
)  # fmt: skip
"""The audiences of the sample: name, rule, and how."""
WEEKS = 6
"""The weeks that the audiences have lived through, a refresh each."""


@click.command(help=_("Remplit l'espace de travail d'un échantillon français réaliste, commande par commande."))
@click.option(
    "--folder", type=click.Path(path_type=Path), help=_("Où écrire les fichiers ; par défaut dans TAMIS_HOME/demo.")
)
@click.option(
    "--companies", default=2000, show_default=True, type=click.IntRange(200, 1_000_000), help=_("Nombre d'entreprises.")
)
@click.option("--serve/--no-serve", default=True, show_default=True, help=_("Servir la console à la fin."))
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535), help=_("Port de la console."))
def demo(folder: Path | None, companies: int, serve: bool, port: int) -> int:
    from tamis.demo.sample import write_sample

    django_ready()
    from django.conf import settings

    folder = folder or settings.HOME / "demo"
    _run("init")
    folder.mkdir(parents=True, exist_ok=True)
    write_sample(folder, companies)
    note(say("Fichiers d'exemple écrits dans {folder}.", folder=folder))
    _run("companies", "import", str(folder / "entreprises.csv"))
    _make_lists()
    for name, file in LISTS:
        if name == FIRST_FAIR:
            _run("lists", "lock", "interne-default", "client-default", "concurrent-default", "prospect-importé")
        _run("lists", "import", name, str(folder / file), "--refused", str(folder / f"refusées-{Path(file).stem}.csv"))
    _run("companies", "import", str(folder / "nouvelles-entreprises.xlsx"))
    _run("companies", "import", str(folder / "ancien-crm.csv"))
    _run("doubles", "search")
    _make_statuses()
    _run("contacts", "import", str(folder / "contacts.csv"), "--create-tags")
    _run("events", "append", str(folder / "traces.ndjson"))
    sales = ("Date=ts", "E-mail=contact", "Total HT=value", "Marge=margin", "Produit=product", "N° commande=order")
    _run("events", "append", str(folder / "ventes.xlsx"), "--kind", "purchase", *(f"--map={each}" for each in sales))
    _run("lake", "flush")
    _make_audiences()
    _run("lists", "ls")
    _run("audiences", "ls")
    _run("overview")
    if not serve:
        return 0
    _run("users", "reset-password", "admin")
    return _run("serve", "--port", str(port))


def _make_lists() -> None:
    """Make the sample's own lists, those that are not there from an earlier run."""
    from tamis.app.services import lists

    there = {found.name for found in lists.existing()}
    for name, _file in LISTS:
        segment, _hyphen, label = name.partition("-")
        if name not in there and not name.startswith("hors-cible"):
            _run("lists", "create", segment, label)


def _make_statuses() -> None:
    """Make the statuses of the sample's contacts, those that are not there from an earlier run."""
    from tamis.app.models import Status
    from tamis.demo.people import STATUSES

    there = set(Status.objects.values_list("name", flat=True))
    for name in STATUSES:
        if name not in there:
            _run("statuses", "add", name)


def _make_audiences() -> None:
    """Make the sample's audiences, those that are not there from an earlier run, and let them live through weeks."""
    from tamis.app.models import Audience
    from tamis.demo.traces import UNTIL

    there = set(Audience.objects.values_list("name", flat=True))
    new = [name for name, *_rest in AUDIENCES if name not in there]
    for name, rule, *how in AUDIENCES:
        if name in new:
            _run("audiences", "create", name, "--rule", rule, *how)
    for weeks in range(WEEKS if new else 0, 0, -1):
        _run("audiences", "refresh", "--all", "--now", (UNTIL - timedelta(weeks=weeks)).isoformat())
    if "Intéressés par les tarifs" in new:
        _run("tags", "add", "Suivi", "À rappeler")
        _run("audiences", "actions", "add", "Intéressés par les tarifs", "--tag", "Suivi: À rappeler")
    _run("audiences", "refresh", "--all", "--now", UNTIL.isoformat())


def _run(*arguments: str) -> int:
    """Run a command as a user would, shown as it would be typed."""
    click.secho(f"$ tamis {shlex.join(arguments)}", bold=True, err=True)
    sys.stdout.flush()
    done = subprocess.run([sys.executable, "-m", "tamis", *arguments], check=False)
    if done.returncode:
        raise SystemExit(done.returncode)
    return done.returncode
