"""What must hold of attempts."""

from collections.abc import Iterable

from django.db.models import Count, F, Q, Sum

from audit.invariants import RowFault, invariant
from quizzes.models import Attempt


@invariant("quizzes.one_open_attempt", "Nobody has two open attempts at the same quiz.")
def one_open_attempt() -> Iterable[RowFault]:
    by_quiz = Attempt.objects.open().order_by().values("person", "blueprint").annotate(how_many=Count("pk"))
    for found in by_quiz.filter(how_many__gt=1):
        yield RowFault(f"staff.person:{found['person']}", f"{found['how_many']} open attempts at blueprint {found['blueprint']}.")


@invariant("quizzes.attempts_name_their_quiz", "The blueprint of an attempt is that of its blueprint version.")
def attempts_name_their_quiz() -> Iterable[RowFault]:
    for attempt in Attempt.objects.exclude(blueprint=F("blueprint_version__blueprint")).iterator():
        yield RowFault(f"quizzes.attempt:{attempt.pk}", f"It says blueprint {attempt.blueprint_id}.")


@invariant(
    "quizzes.marks_add_up", "An attempt's marks are the sum of its questions', and it is passed exactly when they are enough."
)
def marks_add_up() -> Iterable[RowFault]:
    marked = Attempt.objects.filter(state=Attempt.State.MARKED).annotate(total=Sum("items__marks"))
    miscounted = Q(total__isnull=True) | ~Q(total=F("marks"))
    misjudged = Q(passed=True, marks__lt=F("marks_needed")) | Q(passed=False, marks__gte=F("marks_needed"))
    wrong = marked.filter(miscounted | misjudged)
    for pk, marks, total, needed, passed in wrong.order_by("pk").values_list("pk", "marks", "total", "marks_needed", "passed"):
        said = f"It has {marks} marks, its questions {total}, it needs {needed}; passed is {passed}."
        yield RowFault(f"quizzes.attempt:{pk}", said)


@invariant("quizzes.attempts_are_whole", "A marked attempt has as many questions as its blueprint shows.")
def attempts_are_whole() -> Iterable[RowFault]:
    marked = Attempt.objects.filter(state=Attempt.State.MARKED).annotate(
        shown=Count("items"), asked=F("blueprint_version__questions")
    )
    for pk, shown, asked in marked.filter(~Q(shown=F("asked"))).order_by("pk").values_list("pk", "shown", "asked"):
        yield RowFault(f"quizzes.attempt:{pk}", f"It has {shown} questions and its blueprint {asked}.")
