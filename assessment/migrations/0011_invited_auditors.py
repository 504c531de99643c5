import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Exists, OuterRef

STANDING, INVITED = "auditor", "invited-auditor"


def narrow(apps, schema_editor):
    """Whoever was invited to a return reads that return alone: until now an invitation gave the role of a standing auditor."""
    _change(apps, before=STANDING, after=INVITED)


def widen(apps, schema_editor):
    _change(apps, before=INVITED, after=STANDING)


def _change(apps, *, before, after):
    invited = apps.get_model("assessment", "Engagement").objects.filter(
        auditor=OuterRef("user"), assessment__organisation=OuterRef("organisation")
    )
    apps.get_model("accounts", "Membership").objects.filter(Exists(invited), role=before).update(role=after)


class Migration(migrations.Migration):

    dependencies = [
        ("accounts", "0007_invited_auditor"),
        ("assessment", "0010_audit_findings"),
    ]

    operations = [
        migrations.AlterField(
            model_name="engagement",
            name="assessment",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="engagements", to="assessment.assessment"
            ),
        ),
        migrations.RunPython(narrow, widen),
    ]
