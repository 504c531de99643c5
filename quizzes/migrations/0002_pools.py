"""Pools get rows of their own, and what is in the bank is in use."""

import django.db.models.deletion
from django.db import migrations, models


def name_pools(apps, schema_editor):
    question, pool = apps.get_model("quizzes", "Question"), apps.get_model("quizzes", "Pool")
    for code in question.objects.order_by("pool").values_list("pool", flat=True).distinct():
        pool.objects.create(code=code, title=code.replace("-", " ").capitalize())
    begun = apps.get_model("quizzes", "QuestionVersion").objects.filter(question=models.OuterRef("pk"), number=1)
    question.objects.update(in_use_since=models.Subquery(begun.values("created_at")[:1]))


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
        ("quizzes", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name='Pool',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.SlugField(max_length=60, unique=True)),
                ('title', models.CharField(max_length=200)),
            ],
            options={
                'ordering': ['title'],
            },
        ),
        migrations.AddField(
            model_name='pool',
            name='organisation',
            field=models.ForeignKey(blank=True, help_text='empty: shared by all', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='question_pools', to='accounts.organisation'),
        ),
        migrations.AddField(
            model_name='question',
            name='in_use_since',
            field=models.DateTimeField(blank=True, help_text='empty: a draft', null=True),
        ),
        migrations.AddField(
            model_name='question',
            name='source',
            field=models.CharField(blank=True, help_text='where the facts come from', max_length=300),
        ),
        migrations.RunPython(name_pools, migrations.RunPython.noop),
    ]
