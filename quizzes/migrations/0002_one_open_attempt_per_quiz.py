from django.db import migrations, models
from django.db.models import Q, deletion


class Migration(migrations.Migration):
    dependencies = [("quizzes", "0001_initial")]

    operations = [
        migrations.AddField("questionversion", "from_file", models.BooleanField(default=False, help_text="made by quizzes.loading; false: an editor wrote it")),
        migrations.AddField("blueprintversion", "from_file", models.BooleanField(default=False, help_text="made by quizzes.loading; false: an editor wrote it")),
        migrations.RemoveConstraint("attempt", "attempt_one_open_per_person_and_quiz"),
        migrations.RemoveConstraint("attempt", "attempt_ordinal_unique"),
        migrations.AddField(
            "attempt",
            "blueprint",
            models.ForeignKey(default=0, on_delete=deletion.PROTECT, related_name="attempts", to="quizzes.blueprint"),
            preserve_default=False,
        ),
        migrations.AddConstraint(
            "attempt",
            models.UniqueConstraint(condition=Q(state="in_progress"), fields=("person", "blueprint"), name="attempt_one_open_per_person_and_quiz"),
        ),
        migrations.AddConstraint("attempt", models.UniqueConstraint(fields=("person", "blueprint", "ordinal"), name="attempt_ordinal_unique")),
        migrations.AddConstraint(
            "attempt",
            models.CheckConstraint(condition=Q(state__in=["in_progress", "marked", "abandoned", "voided"]), name="attempt_known_state"),
        ),
        migrations.AddConstraint("attemptitem", models.CheckConstraint(condition=Q(slot__gte=1), name="attempt_item_slot_from_1")),
        migrations.AddConstraint(
            "attemptitem",
            models.CheckConstraint(
                condition=Q(answered_at__isnull=True, response__isnull=True) | Q(answered_at__isnull=False, response__isnull=False),
                name="attempt_item_answered_at_iff_answered",
            ),
        ),
        migrations.AddConstraint(
            "attemptitem",
            models.CheckConstraint(
                condition=Q(marks__isnull=True) | Q(marks__isnull=False, marks__range=(0, 1)), name="attempt_item_mark_is_0_or_1"
            ),
        ),
    ]
