"""Whatever is sent, an operation answers as its description says: schemathesis makes up what is sent.

No fault; a documented status, type and shape; refused without a token, and when it is not what is described.
"""

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, settings
from schemathesis.core.parameters import ParameterLocation

from tamis.app.api import v1
from tamis.app.models import Token

api = schemathesis.openapi.from_dict(v1.description())
api.app = get_wsgi_application()
api.config.checks.update(excluded_check_names=["positive_data_acceptance"])  # a SIREN has a checksum, a name is taken
SUPPRESSED = [*HealthCheck]


@pytest.fixture
def furnished(company: Any, make_list: Any, import_lines: Any) -> None:
    """Companies that share a host, a list with a line of each state, refused lines."""
    company("Acme", siren="732829320", website="acme.fr")
    company("Bolt", siren="552100554", website="partage.fr")
    company("Crin", website="partage.fr")
    target = make_list("prospect", "salons")
    import_lines(target, "Acme;732829320;;", "Dune;;;partage.fr", "Erg;;erg.fr;", ";;;")


@pytest.fixture
def one_connection() -> Iterator[None]:
    """A server would close the connection between requests, and with it the test's transaction."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def token(admin: Any, furnished: None, settings: Any, one_connection: None) -> str:
    """An admin's token, without a rate, of a number that nobody makes up: it would be revoked."""
    settings.API_RATE = 10**9
    Token.objects.update(id=10**12)
    return str(admin.secret)


def _answers_as_described(case: Any, token: str) -> None:
    """Sends a case with the token, unless what makes it bad is a header: then it is left as it is."""
    header = case.meta.components.get(ParameterLocation.HEADER)
    spoilt = header is not None and header.mode.is_negative
    case.call_and_validate(headers={} if spoilt else {"Authorization": f"Bearer {token}"})


unclosed = pytest.mark.filterwarnings(  # the client leaves downloads open
    "ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"
)


QUESTIONS = "^/api/v1/(rules/|audiences)"
others, questions = api.exclude(path_regex=QUESTIONS), api.include(path_regex=QUESTIONS)
few = settings(max_examples=5, deadline=None, suppress_health_check=SUPPRESSED)
many = settings(max_examples=50, deadline=None, suppress_health_check=SUPPRESSED)


@unclosed
@others.parametrize()
@few
def test_an_operation_answers_as_described(case: Any, token: str) -> None:
    _answers_as_described(case, token)


@unclosed
@questions.parametrize()
@few
def test_a_question_answers_as_described(case: Any, transactional_db: None, token: str) -> None:
    """A snapshot sees what is committed: no transaction of the test around it; nor is a refresh in one."""
    _answers_as_described(case, token)


@unclosed
@pytest.mark.soak
@others.parametrize()
@many
def test_an_operation_answers_as_described_whatever_is_sent(case: Any, token: str) -> None:
    _answers_as_described(case, token)


@unclosed
@pytest.mark.soak
@questions.parametrize()
@many
def test_a_question_answers_as_described_whatever_is_sent(case: Any, transactional_db: None, token: str) -> None:
    _answers_as_described(case, token)
