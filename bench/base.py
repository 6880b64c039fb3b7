"""Workspaces of any size for benchmarks, built once and kept in ``bench/.cache``.

``python -m bench.base COMPANIES`` builds one in this process; :func:`workspace` does so in a child and gives a copy.
``python -m bench.base COMPANIES LISTS CLAIMS`` adds lists and lines to one; :func:`furnished` gives that.
"""

import os
import shutil
import subprocess
import sys
from hashlib import blake2b
from itertools import islice
from pathlib import Path

CACHE = Path(__file__).parent / ".cache"
CHUNK = 5000


def workspace(companies: int) -> Path:
    """A fresh copy of a workspace that knows so many companies."""
    built = CACHE / f"base-{companies}-{_schema()}"
    if not (built / "done").exists():
        shutil.rmtree(built, ignore_errors=True)
        print(f"building a base of {companies:,} companies …", file=sys.stderr)
        subprocess.run([sys.executable, "-m", "bench.base", str(companies)], env=_env(built), check=True)
        (built / "done").touch()
    copy = CACHE / "home"
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(built, copy)
    return copy


def furnished(companies: int, lists: int, claims: int) -> Path:
    """A workspace with so many companies, lists and claims of imports, built once: to be read, not changed."""
    built = CACHE / f"base-{companies}-{lists}-{claims}-{_schema()}"
    if not (built / "done").exists():
        shutil.rmtree(built, ignore_errors=True)
        workspace(companies).rename(built)
        (built / "done").unlink()
        print(f"adding {lists:,} lists and {claims:,} claims …", file=sys.stderr)
        arguments = [sys.executable, "-m", "bench.base", str(companies), str(lists), str(claims)]
        subprocess.run(arguments, env=_env(built), check=True)
        (built / "done").touch()
    return built


def _schema() -> str:
    """What the migrations say, in a few letters: a base of an older schema is built anew."""
    migrations = sorted((Path(__file__).parents[1] / "src/tamis/app/migrations").glob("0*.py"))
    return blake2b(b"".join(file.read_bytes() for file in migrations), digest_size=4).hexdigest()


def _env(home: Path) -> dict[str, str]:
    return os.environ | {"TAMIS_HOME": str(home), "DJANGO_SETTINGS_MODULE": "tamis.app.settings"}


def _build(companies: int) -> None:
    import django

    django.setup()
    from django.db import connection, transaction
    from django.utils import timezone

    from tamis.app.models import Act, Source
    from tamis.app.services import company_writing, name_directory, workspace
    from tamis.app.services.acting import Actor, record
    from tamis.app.services.sorting import unclassified
    from tamis.demo.companies import generate_companies
    from tamis.messages import say

    actor = Actor("bench", "cli")
    workspace.initialise(actor)
    act = record(actor, Act.Kind.COMPANIES_IMPORTED, say("bench"))
    pen = company_writing.Pen(Source.Kind.IMPORT, "bench", timezone.localdate(), lambda: act)
    known = generate_companies(companies, seed=2026)
    while chunk := [_record(company) for company in islice(known, CHUNK)]:
        with transaction.atomic():
            company_writing.create(chunk, pen, unclassified())
    name_directory.keep()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    connection.close()


def _record(company):
    from tamis.sources.companies import CompanyRecord

    names = [("legal", company.name)]
    if company.trade_name:
        names.append(("usual", company.trade_name))
    domains = {("website", company.website), ("email", company.email_domain)}
    return CompanyRecord(
        0,
        names=names,
        siren=company.siren,
        domains=sorted(domain for domain in domains if domain[1]),
        values={
            "naf": company.naf,
            "headcount": company.headcount,
            "revenue": company.revenue,
            "postal_code": company.postal_code,
            "city": company.city,
            "department": company.department,
        },
    )


LARGE_LIST = 20_000
WAITING, REVIEW = 20, 200
"""One line in so many waits for its company, or for a person."""


def _furnish(companies: int, lists: int, claims: int) -> None:
    """Lists as imports leave them: lines beside their companies, claims of the matched ones, companies sorted."""
    import django

    django.setup()
    from django.db import connection

    from tamis.app.models import Segment, Workspace
    from tamis.app.services import lists as service
    from tamis.app.services.acting import Actor

    actor = Actor("bench", "cli")
    assert Workspace.objects.exists()
    there = service.existing().count()
    targets = [service.create(actor, [*Segment][n % len(Segment)], f"bench {n}") for n in range(lists - there)]
    sizes = [LARGE_LIST] + [(claims - LARGE_LIST) // (len(targets) - 1)] * (len(targets) - 1)
    at = 0
    for n, (target, size) in enumerate(zip(targets, sizes, strict=True)):
        at = _fill(actor, target, size, at, companies, moving=n % 3 < 2)
        if n % 10 == 0:
            service.lock(actor, [target])
    _pin_some(actor, targets[1])
    with connection.cursor() as cursor:  # nobody analyses a base in use: pages have to be quick without
        cursor.execute("DELETE FROM sqlite_stat1")
    connection.close()


def _fill(actor, target, size, at, companies, moving):
    """So many matched lines, and the doubtful ones, in one version of a list; where the next list goes on."""
    from django.db import transaction
    from django.utils import timezone

    from tamis.app.models import Act, Company, ListLine, ListVersion
    from tamis.app.services import sorting
    from tamis.app.services.acting import acting
    from tamis.messages import say

    ids = [1 + (at + n) % companies for n in range(size)]
    with transaction.atomic(), acting(actor, Act.Kind.LIST_IMPORTED, say("bench"), target) as act:
        version = ListVersion.objects.create(
            list=target, number=1, kind="replace", file_name="bench.csv", started_at=timezone.now(), act=act
        )
        for start in range(0, size, CHUNK):
            known = Company.objects.in_bulk(ids[start : start + CHUNK])
            lines = (_line(version, start + n, company) for n, company in enumerate(known.values()))
            ListLine.objects.bulk_create(lines)
        ListLine.objects.bulk_create(_doubts(version, size))
        sorting.claim_lines(act, sorting.Scope("SELECT id FROM tamis_listline WHERE version_id = %s", (version.pk,)))
        if moving:
            sorting.resort(act, sorting.claimed_by(act))
    return at + size


def _line(version, number, company):
    from tamis.app.models import ListLine

    return ListLine(
        version=version, number=number + 2, name=company.name, name_key=company.name_key, siren=company.siren,
        fingerprint=blake2b(company.name_key.encode(), digest_size=16).hexdigest(), status="matched", method="siren",
        company=company,
    )  # fmt: skip


def _doubts(version, size):
    from tamis.app.models import ListLine

    for every, status in ((WAITING, "waiting"), (REVIEW, "review")):
        for n in range(size // every):
            name = f"{status} {version.pk} {n}"
            fingerprint = blake2b(name.encode(), digest_size=16).hexdigest()
            evidence = {"text": "même nom"}
            candidates = [{"company": n + 1, "method": "name", "score": 0.8, "evidence": evidence}]
            yield ListLine(
                version=version, number=size + 2 + n, name=name, name_key=name, fingerprint=fingerprint, status=status,
                candidates=candidates if status == "review" else [],
            )  # fmt: skip


def _pin_some(actor, target):
    from tamis.app.services import companies as service

    service.move(actor, target, range(1, 1001))


def list_file(path: Path, lines: int, companies: int) -> Path:
    """A list of so many lines: nine in ten name a company of the base, by SIREN, by domain or by name, one nobody."""
    from tamis.demo.companies import generate_companies

    step = max(companies // lines, 1)
    drawn = islice(generate_companies(max(companies, lines * step), seed=2026), 0, lines * step, step)
    with path.open("w", encoding="utf-8") as file:
        file.write("Nom;SIREN;Domaine email;Website\n")
        for n, company in enumerate(drawn):
            if n % 10 == 9:
                file.write(f"Inconnue {n};;inconnue-{n}.fr;\n")
            elif n % 3 == 0 and company.website:
                file.write(f"{company.spoken};;;https://www.{company.website}/accueil\n")
            else:
                file.write(f"{company.spoken};{company.siren};;\n")
    return path


def company_file(path: Path, lines: int, companies: int) -> Path:
    """A file of so many companies that the base does not know."""
    from tamis.demo.companies import generate_companies

    unknown = islice(generate_companies(companies + lines, seed=2026), companies, None)
    with path.open("w", encoding="utf-8") as file:
        file.write("Raison sociale;SIREN;Site web;Code NAF;Effectif;Code postal;Ville\n")
        for each in unknown:
            cells = (each.name, each.siren, each.website, each.naf, each.headcount, each.postal_code, each.city)
            file.write(";".join("" if cell is None else str(cell) for cell in cells) + "\n")
    return path


def misspelt_file(path: Path, lines: int, companies: int) -> Path:
    """A list of so many lines that no key answers: names with a word shortened, at domains nobody has."""
    from tamis.demo.companies import generate_companies

    drawn = islice(generate_companies(companies, seed=2026), 0, None, max(companies // lines, 1))
    with path.open("w", encoding="utf-8") as file:
        file.write("Nom;SIREN;Domaine email;Website\n")
        for n, company in enumerate(islice(drawn, lines)):
            longest = max(company.spoken.split(), key=len)
            file.write(f"{company.spoken.replace(longest, longest[: max(4, len(longest) - 3)])};;inconnu-{n}.fr;\n")
    return path


if __name__ == "__main__":
    if len(sys.argv) == 2:
        _build(int(sys.argv[1]))
    else:
        _furnish(*map(int, sys.argv[1:4]))
