"""Tamis's settings for tests: a home and a secret of their own, set before Django reads them."""

import os
import tempfile

os.environ["TAMIS_HOME"] = tempfile.mkdtemp(prefix="tamis-tests-")
os.environ["TAMIS_SECRET_KEY"] = "only-for-tests"

from tamis.app.settings import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # hundreds of people sign in
ARRIVALS_DELAY = 0  # what came in is counted at once
