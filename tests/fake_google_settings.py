"""Tamis's settings in a process of its own that is to reach the Google of the tests."""

import os

from fake_google import reach

from tamis.app.settings import *  # noqa: F403

_port, _ca_file = os.environ["FAKE_GOOGLE"].split(maxsplit=1)
GOOGLE = reach(int(_port), _ca_file, key=os.environ.get("TAMIS_GOOGLE_KEY", ""))
