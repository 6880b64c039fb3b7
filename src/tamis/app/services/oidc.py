"""Sign-in with an identity provider (OpenID Connect), when one is configured."""


def provider() -> str | None:
    """What the provider is called, none when no provider is configured."""
    return None
