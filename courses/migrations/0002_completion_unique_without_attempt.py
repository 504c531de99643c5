from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("courses", "0001_initial"), ("quizzes", "0002_one_open_attempt_per_quiz")]

    operations = [
        migrations.RemoveConstraint("completion", "completion_unique_per_day_and_source"),
        migrations.AddConstraint(
            "completion",
            models.UniqueConstraint(
                condition=Q(attempt__isnull=True),
                fields=("person", "course", "completed_on", "source"),
                name="completion_unique_per_day_and_source",
            ),
        ),
    ]
