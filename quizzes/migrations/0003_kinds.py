"""Ordering, matching and scenarios; an attempt keeps the marks of its own paper."""

import django.db.models.deletion
from django.db import migrations, models


def keep_the_marks(apps, schema_editor):
    rules = apps.get_model("quizzes", "BlueprintVersion").objects.filter(pk=models.OuterRef("blueprint_version"))
    apps.get_model("quizzes", "Attempt").objects.update(
        marks_available=models.Subquery(rules.values("questions")[:1]),
        marks_needed=models.Subquery(rules.values("marks_needed")[:1]),
    )


class Migration(migrations.Migration):
    dependencies = [("quizzes", "0002_pools")]

    operations = [
        migrations.AlterModelOptions(
            name='question',
            options={'ordering': ['pool', 'code']},
        ),
        migrations.RemoveConstraint(
            model_name='attemptitem',
            name='attempt_item_mark_is_0_or_1',
        ),
        migrations.RemoveConstraint(
            model_name='questionversion',
            name='question_version_known_kind',
        ),
        migrations.AddField(
            model_name='attempt',
            name='marks_available',
            field=models.PositiveSmallIntegerField(default=1),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='attempt',
            name='marks_needed',
            field=models.PositiveSmallIntegerField(default=1),
            preserve_default=False,
        ),
        migrations.RunPython(keep_the_marks, migrations.RunPython.noop),
        migrations.AddField(
            model_name='attemptitem',
            name='marks_available',
            field=models.PositiveSmallIntegerField(default=1),
        ),
        migrations.AddField(
            model_name='questionversion',
            name='marks',
            field=models.PositiveSmallIntegerField(default=1),
        ),
        migrations.AddField(
            model_name='questionversion',
            name='parts',
            field=models.JSONField(default=list),
        ),
        migrations.AddField(
            model_name='questionversion',
            name='targets',
            field=models.JSONField(default=list),
        ),
        migrations.AlterField(
            model_name='attemptitem',
            name='option_order',
            field=models.JSONField(help_text='the ids of all options and targets in the order shown'),
        ),
        migrations.AlterField(
            model_name='question',
            name='code',
            field=models.CharField(max_length=20),
        ),
        migrations.AlterField(
            model_name='questionversion',
            name='kind',
            field=models.CharField(choices=[('single', 'Single answer'), ('multiple', 'Multiple response'), ('true_false', 'True or false'), ('ordering', 'Put in order'), ('matching', 'Match'), ('scenario', 'Scenario with parts')], max_length=12),
        ),
        migrations.AddConstraint(
            model_name='attempt',
            constraint=models.CheckConstraint(condition=models.Q(('marks_needed__gte', 1), ('marks_needed__lte', models.F('marks_available'))), name='attempt_marks_needed_in_reach'),
        ),
        migrations.AddConstraint(
            model_name='attemptitem',
            constraint=models.CheckConstraint(condition=models.Q(('marks__isnull', True), models.Q(('marks__gte', 0), ('marks__isnull', False), ('marks__lte', models.F('marks_available'))), _connector='OR'), name='attempt_item_marks_in_reach'),
        ),
        migrations.AddConstraint(
            model_name='questionversion',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['single', 'multiple', 'true_false', 'ordering', 'matching', 'scenario'])), name='question_version_known_kind'),
        ),
        migrations.AddConstraint(
            model_name='questionversion',
            constraint=models.CheckConstraint(condition=models.Q(('marks__gte', 1)), name='question_version_gives_marks'),
        ),
        migrations.AlterField(
            model_name='question',
            name='pool',
            field=models.ForeignKey(db_column='pool', on_delete=django.db.models.deletion.PROTECT, related_name='questions', to='quizzes.pool', to_field='code'),
        ),
        migrations.AddConstraint(
            model_name='question',
            constraint=models.UniqueConstraint(fields=('pool', 'code'), name='question_code_unique_in_pool'),
        ),
    ]
