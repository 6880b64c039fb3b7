"""What entering and leaving an audience sets off: done in Tamis exactly once, sent outside at least once."""

from tamis.app.models import AudienceAction, AudienceRun


def goes_with_the_member(action: AudienceAction) -> bool:
    """Whether an action lasts as long as somebody is a member, and so fires on both edges."""
    return action.kind in (AudienceAction.Kind.LIST, AudienceAction.Kind.TAG)


def perform(run: AudienceRun) -> bool:
    """Do what a run has left to do inside Tamis; whether rules may see the difference."""
    return False
