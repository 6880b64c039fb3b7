"""What has served its time is deleted, once a day, whether or not anybody comes back.

What is done often does it too when it passes by (signing in, a request with its key, a file brought); here it is done
where nobody passes by any more. How long each thing stays is said beside it, and in docs/reference/travaux.md.
"""

from tamis.app.models import Session
from tamis.app.services import arrivals, company_files, event_files, jobs, kept_answers, list_uploads, tries
from tamis.app.services.work import every

DAILY = 24 * 60  # minutes

every(DAILY)(jobs.forget_old)
every(DAILY)(tries.forget_old)
every(DAILY)(kept_answers.forget_old)
every(DAILY)(arrivals.forget_old)


@every(DAILY)
def sweep_kept_files() -> None:
    """Remove what people brought and never imported."""
    for files in (list_uploads.FILES, company_files.FILES, event_files.FILES):
        files.sweep()


@every(DAILY)
def forget_sessions() -> None:
    """Delete the sessions that have expired."""
    Session.get_session_store_class().clear_expired()
