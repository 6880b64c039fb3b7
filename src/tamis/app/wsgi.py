"""What the web server runs."""

import os
from collections.abc import Callable, Iterable
from typing import Any

from django.conf import settings
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tamis.app.settings")
_django = get_wsgi_application()


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Answer a request; with ``TAMIS_HTTPS`` a proxy speaks HTTPS in front, so addresses of pages begin so."""
    if settings.HTTPS:
        environ["wsgi.url_scheme"] = "https"
    answer: Iterable[bytes] = _django(environ, start_response)
    return answer
