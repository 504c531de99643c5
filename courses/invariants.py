"""What must hold of completions and certificates."""

from collections.abc import Iterable

from django.db.models import F, Q
from django.utils import timezone

from audit.invariants import RowFault, invariant
from courses.models import Certificate, Completion, NeedsApproval
from evidence import blobs
from quizzes.models import Attempt, Remark


@invariant(
    "courses.quiz_completions_were_passed",
    "Every completion that stands and names an attempt names a passed one of the same person.",
)
def quiz_completions_were_passed() -> Iterable[RowFault]:
    named = Completion.objects.not_void().filter(attempt__isnull=False)
    passed = Q(attempt__passed=True) | Q(attempt__in=Remark.objects.filter(passed=True).values("attempt"))
    good = passed & Q(source=Completion.Source.QUIZ, attempt__state=Attempt.State.MARKED, attempt__person=F("person"))
    for completion in named.exclude(good).iterator():
        yield RowFault(
            f"courses.completion:{completion.pk}", f"It rests on attempt {completion.attempt_id}, which does not support it."
        )


@invariant("courses.completions_are_past", "No completion is dated after the day it was recorded.")
def completions_are_past() -> Iterable[RowFault]:
    for pk, completed_on, recorded_at in Completion.objects.values_list("pk", "completed_on", "recorded_at").iterator(
        chunk_size=5000
    ):
        if completed_on > timezone.localtime(recorded_at).date():
            yield RowFault(f"courses.completion:{pk}", f"It is dated {completed_on} and was recorded on {recorded_at:%Y-%m-%d}.")


@invariant(
    "courses.certificates_have_their_pdf",
    "The PDF of every certificate is stored as it was issued, or was deleted when its time was over.",
)
def certificates_have_their_pdf() -> Iterable[RowFault]:
    for certificate in Certificate.objects.select_related("pdf").iterator(chunk_size=1000):
        try:
            blobs.read(certificate.pdf)
        except blobs.BlobForgottenError:
            continue
        except blobs.BlobDamagedError as damage:
            yield RowFault(f"courses.certificate:{certificate.pk}", str(damage))


@invariant("courses.analyses_are_as_approved", "Every approved version of the training needs analysis is as it was approved.")
def analyses_are_as_approved() -> Iterable[RowFault]:
    for approval in NeedsApproval.objects.select_related("analysis").iterator(chunk_size=200):
        if approval.analysis.digest != approval.digest:
            yield RowFault(
                f"courses.needsanalysis:{approval.analysis_id}",
                f"Version {approval.analysis.number} was changed after its approval.",
            )
