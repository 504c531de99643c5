"""Put every action that a plan holds today on the organisation's list of actions, as it was planned."""

from django.db import migrations


def put_on_the_list(apps, schema_editor):
    plans = apps.get_model("assessment", "PlanAction")
    actions, updates = apps.get_model("registers", "Action"), apps.get_model("registers", "ActionUpdate")
    responses = apps.get_model("assessment", "Response")
    for planned in plans.objects.filter(withdrawn_at__isnull=True, tracked__isnull=True).select_related("assessment", "item"):
        response = responses.objects.get(assessment_id=planned.assessment_id, item_id=planned.item_id)
        action = actions.objects.create(
            organisation_id=planned.assessment.organisation_id,
            what=planned.action,
            why=f"DSPT item {planned.item.number}, {planned.assessment.year}",
            source_kind="plan",
            source_id=response.pk,
            first_due_on=planned.due_on,
        )
        updates.objects.create(
            action=action,
            n=1,
            kind="added",
            state="open",
            due_on=planned.due_on,
            owner_words=planned.owner_words,
            by_id=planned.recorded_by_id,
            at=planned.recorded_at,
        )
        planned.tracked = action
        planned.save(update_fields=["tracked"])


class Migration(migrations.Migration):
    dependencies = [("assessment", "0003_plan_actions_tracked"), ("registers", "0005_suppliers")]
    operations = [migrations.RunPython(put_on_the_list, migrations.RunPython.noop)]
