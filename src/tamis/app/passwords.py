"""What a password may be, beyond what Django checks; and that no link to choose one is ever logged."""

import logging
import re
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

LONGEST = 128


class MaximumLengthValidator:
    """Refuses passwords so long that hashing them is what somebody is after (ASVS 2.1.2)."""

    def validate(self, password: str, user: Any = None) -> None:
        """Raise ``ValidationError`` for a password of more than 128 characters."""
        if len(password) > LONGEST:
            raise ValidationError(_("Ce mot de passe dépasse 128 caractères."), code="password_too_long")

    def get_help_text(self) -> str:
        """The rule, in words."""
        return _("128 caractères au plus.")


class WithoutLinks(logging.Filter):
    """Takes the tokens of password links out of what is logged: Django logs the address of a refused request."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every record through, without tokens."""
        text = record.getMessage()
        if "/password/" in text:
            record.msg, record.args = re.sub(r"/password/[^\s'\"]+", "/password/…", text), ()
        return True
