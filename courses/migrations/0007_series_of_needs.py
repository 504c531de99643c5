from uuid import uuid4

from django.db import migrations


def give_series(apps, schema_editor):
    """Lines of one course and audience were versions of one another; who approved one is kept in its words."""
    need = apps.get_model("courses", "TrainingNeed")
    series = {}
    for line in need.objects.order_by("pk"):
        line.series = series.setdefault((line.organisation_id, line.course_id, line.audience), uuid4())
        if line.approved_by or line.approved_on:
            on = f" on {line.approved_on:%d/%m/%Y}" if line.approved_on else ""
            line.rationale = f"{line.rationale} (Approved by {line.approved_by or 'somebody not recorded'}{on}.)"
        line.save(update_fields=["series", "rationale"])


class Migration(migrations.Migration):
    dependencies = [("courses", "0006_needs_analysis")]

    operations = [
        migrations.RunPython(give_series, migrations.RunPython.noop),
        migrations.RemoveField("trainingneed", "approved_by"),
        migrations.RemoveField("trainingneed", "approved_on"),
    ]
