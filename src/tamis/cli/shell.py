"""What every command shares: the workspace it works in, how it answers, how it fails."""

import getpass
import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import wraps
from importlib import import_module
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from tamis.errors import Busy, NotReady, Refused, TamisError
from tamis.messages import Message, language, say

if TYPE_CHECKING:
    from tamis.app.services.acting import Actor


def _(text: str) -> str:
    """The sentence in the language of this run."""
    return str(say(text))


@dataclass(frozen=True)
class Answer:
    """What a command found or did: ``data`` for ``--json``, ``show`` prints it for people, and the exit code.

    ``items`` are written one after the other, however many they are, as one more field of ``data``.
    """

    data: Any
    show: Callable[[], None]
    exit_code: int = 0
    items: Iterator[Any] | None = None


FORMER = {"work": "worker"}
"""Names that commands had, and still answer to."""


class LazyGroup(click.Group):
    """A group whose commands are imported when they are wanted, so that a bare command answers at once."""

    def __init__(self, *args: Any, lazy: Mapping[str, str] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lazy = lazy or {}

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Every command, in the order of their declaration."""
        return [*self.lazy, *super().list_commands(ctx)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of this name, or of a former name, imported now."""
        cmd_name = FORMER.get(cmd_name, cmd_name)
        if cmd_name not in self.lazy:
            return super().get_command(ctx, cmd_name)
        module, _, attribute = self.lazy[cmd_name].partition(":")
        command: click.Command = getattr(import_module(module), attribute)
        return command


cli = LazyGroup(
    "tamis",
    help=_("Tamis range chaque entreprise dans le bon segment, l'y garde, et dit pourquoi elle y est."),
    epilog=_(
        "Tout vit dans le dossier TAMIS_HOME (par défaut ./tamis-data). TAMIS_LANG=en parle anglais. "
        "Codes de retour : 0 fait, 1 refusé, 2 fichier illisible, espace absent ou commande mal écrite."
    ),
    lazy={
        "init": "tamis.cli.workspace:init",
        "serve": "tamis.cli.workspace:serve",
        "overview": "tamis.cli.workspace:show_overview",
        "settings": "tamis.cli.workspace:settings",
        "users": "tamis.cli.users:users",
        "tokens": "tamis.cli.tokens:tokens",
        "lists": "tamis.cli.lists:lists",
        "sheets": "tamis.cli.sheets:sheets",
        "companies": "tamis.cli.companies:companies",
        "contacts": "tamis.cli.contacts:contacts",
        "statuses": "tamis.cli.statuses:statuses",
        "tags": "tamis.cli.tags:tags",
        "segments": "tamis.cli.insights:segments",
        "events": "tamis.cli.events:events",
        "count": "tamis.cli.rules:count",
        "select": "tamis.cli.rules:select",
        "describe": "tamis.cli.rules:describe",
        "explain": "tamis.cli.rules:explain",
        "audiences": "tamis.cli.audiences:audiences",
        "lake": "tamis.cli.lake:lake",
        "review": "tamis.cli.review:review",
        "doubles": "tamis.cli.doubles:doubles",
        "audit": "tamis.cli.audit:audit",
        "identity": "tamis.cli.identity:identity",
        "fields": "tamis.cli.fields:fields",
        "worker": "tamis.cli.jobs:worker",
        "jobs": "tamis.cli.jobs:jobs",
        "backup": "tamis.cli.backup:backup",
        "restore": "tamis.cli.backup:restore",
        "demo": "tamis.cli.demo:demo",
    },
)
cli = click.version_option(package_name="tamis", prog_name="tamis")(cli)


def run(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code; errors are one sentence on stderr, with ``--json`` also on stdout."""
    as_json = "--json" in arguments
    try:
        result = cli.main([*arguments], prog_name="tamis", standalone_mode=False)
        return result if isinstance(result, int) else 0
    except TamisError as error:
        return _fail(error.code, str(error), error.exit_code, as_json, error.place)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message())
        return 2
    except click.ClickException as error:
        if isinstance(error, click.UsageError) and error.ctx:
            click.echo(error.ctx.get_usage(), err=True)
        return _fail("usage", error.format_message(), 2, as_json)
    except (click.Abort, KeyboardInterrupt):
        return _fail("interrupted", _("Interrompu : rien de plus n'a été changé."), 130, as_json)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _fail(code: str, sentence: str, exit_code: int, as_json: bool, place: Mapping[str, Any] | None = None) -> int:
    if as_json:
        click.echo(json.dumps({"error": {"code": code, "message": sentence, **(place or {})}}, ensure_ascii=False))
    click.secho(sentence, err=True, fg="red")
    return exit_code


def answering(command: Callable[..., Answer]) -> Callable[..., int]:
    """Give a command its ``--json`` option, and print its answer for people or for programs."""

    @click.option("--json", "as_json", is_flag=True, help=_("Une valeur JSON sur la sortie standard, rien d'autre."))
    @wraps(command)
    def answered(as_json: bool, **options: Any) -> int:
        answer = command(**options)
        if as_json:
            for part in _json(answer):
                click.echo(part, nl=False)
            click.echo()
        else:
            answer.show()
        return answer.exit_code

    return answered


def _json(answer: Answer) -> Iterator[str]:
    """The JSON value of an answer, in parts."""
    data = json.dumps(answer.data, ensure_ascii=False, default=_plain)
    if answer.items is None:
        yield data
        return
    yield data[:-1] + ', "items": ['
    for number, item in enumerate(answer.items):
        yield (", " if number else "") + json.dumps(item, ensure_ascii=False, default=_plain)
    yield "]}"


def _plain(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, Message):
        return str(value)
    raise TypeError(type(value))


@contextmanager
def working() -> "Iterator[Actor]":
    """Django set up on the workspace, and who is acting. Raises :class:`~tamis.errors.NotReady` without workspace."""
    actor = django_ready()
    from django.utils import timezone, translation

    from tamis.app.services import workspace

    with database_answering():
        zone = ZoneInfo(workspace.require().time_zone)
        with timezone.override(zone), translation.override(language.get()):
            yield actor


@contextmanager
def database_answering() -> Iterator[None]:
    """Turn what the database cannot help into a sentence; what would be our own mistake stays an error."""
    from django.db import DatabaseError, OperationalError, ProgrammingError

    try:
        yield
    except DatabaseError as error:
        said = str(error).partition("\n")[0]
        if isinstance(error, OperationalError | ProgrammingError) and ("no such" in said or "does not exist" in said):
            raise NotReady(
                say("L'espace de travail est plus ancien que le programme : lancez « tamis init ».")
            ) from error
        if "locked" in said:
            raise Busy(
                say("La base de données est occupée par un autre travail : recommencez dans un instant.")
            ) from error
        if isinstance(error, OperationalError) or "not a database" in said:
            raise NotReady(say("La base de données ne répond pas ({said}).", said=said)) from error
        raise


def django_ready() -> "Actor":
    """Django set up, and who is acting, whether or not there is a workspace."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tamis.app.settings")
    import django
    from django.core.exceptions import ImproperlyConfigured

    try:
        django.setup()
    except (ImproperlyConfigured, OSError) as error:
        raise NotReady(say("Les réglages ne conviennent pas : {said}", said=error)) from error
    from tamis.app.services.acting import Actor

    return Actor(by=_user_name(), via="cli")


def _user_name() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a user id without a name, as in some containers
        return f"uid {os.getuid()}"


def note(sentence: object) -> None:
    """Something worth saying beside the answer: on stderr."""
    click.echo(str(sentence), err=True)


def confirm(question: Message, yes: bool) -> None:
    """Go on only with consent: ``--yes``, or a person's answer; without a terminal there is nobody to ask."""
    if yes:
        return
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise Refused(say("{question} Confirmez avec --yes.", question=question), "confirmation")
    if not click.confirm(str(question), err=True):
        raise click.Abort


@contextmanager
def progress(label: str) -> Iterator[Callable[[int, int | None], None]]:
    """A progress bar on stderr, when somebody is looking."""
    if not sys.stderr.isatty():
        yield lambda done, total: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(label, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


PIPED_WIDTH = 140  # columns of a table that goes into a file or a pipe, which has no width of its own


def table(headings: Sequence[str], rows: Sequence[Sequence[object]], right: Sequence[int] = ()) -> None:
    """Print rows under headings, or without any; the columns in ``right`` are numbers."""
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table

    shown = Table(box=SIMPLE_HEAD, pad_edge=False, show_header=any(headings), show_edge=any(headings))
    for place, heading in enumerate(headings):
        shown.add_column(heading, justify="right" if place in right else "left", overflow="fold", no_wrap=not place)
    for row in rows:
        shown.add_row(*(number(cell) if isinstance(cell, int) else _text(cell) for cell in row))
    width = None if sys.stdout.isatty() else PIPED_WIDTH
    Console(highlight=False, markup=False, width=width).print(shown)


def _text(cell: object) -> str:
    from rich.markup import escape

    return escape("" if cell is None else str(cell))


def number(value: int) -> str:
    """A whole number with a narrow space between thousands."""
    return f"{value:,}".replace(",", "\u202f")


def moment(value: datetime | None) -> str:
    """An instant as people read it, in the workspace's time zone; nothing for none."""
    from django.utils import timezone

    if value is None:
        return ""
    local = timezone.localtime(value)
    return f"{local:%d/%m/%Y %H:%M}" if language.get() == "fr" else f"{local.day} {local:%b %Y %H:%M}"
