"""The event log: chained, append-only, and found out when somebody meddles."""

import pytest
from django.db import DatabaseError, connection, transaction

from audit import events, services
from audit.models import AppendOnlyError, ChainHead, Event
from tests.factories import OrganisationFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _event_type():
    events.register({"test.happened": "did {what}"})


def record(organisation, what="it"):
    return services.record("test.happened", organisation=organisation, by="system", target="x:1", summary={"what": what})


def meddle(sql: str) -> None:
    """Change the table as somebody with the database's password would: triggers off first."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("ALTER TABLE audit_event DISABLE TRIGGER USER")
        else:
            cursor.execute("DROP TRIGGER IF EXISTS audit_event_no_update")
            cursor.execute("DROP TRIGGER IF EXISTS audit_event_no_delete")
        cursor.execute(sql)


def test_each_organisation_has_its_own_unbroken_chain():
    one, two = OrganisationFactory.create_batch(2)
    for organisation in (one, two, one, one):
        record(organisation)

    assert [e.sequence for e in Event.objects.of_organisation(one.ods_code)] == [1, 2, 3]
    assert [e.sequence for e in Event.objects.of_organisation(two.ods_code)] == [1]
    assert [check.fault for check in services.verify_all()] == ["", ""]


@pytest.mark.parametrize(
    ("sql", "fault"),
    [
        ("UPDATE audit_event SET reason = 'softer' WHERE sequence = 2", "Event 2 was changed after it was recorded."),
        ("UPDATE audit_event SET actor = 'user:9' WHERE sequence = 1", "Event 1 was changed after it was recorded."),
        ("DELETE FROM audit_event WHERE sequence = 2", "Event 2 is missing."),
        ("DELETE FROM audit_event WHERE sequence = 3", "The chain should end at event 3 and ends at event 2."),
        ("DELETE FROM audit_event", "The chain should end at event 3 and ends at event 0."),
        ("DELETE FROM audit_chainhead", "The head of the chain is missing."),
    ],
)
def test_meddling_is_found(sql, fault):
    organisation = OrganisationFactory()
    for _ in range(3):
        record(organisation)

    meddle(sql)

    assert services.verify_chain(organisation.ods_code).fault == fault


def test_triggers_refuse_what_goes_round_python():
    record(OrganisationFactory())

    for change in (lambda: Event.objects.update(reason="x"), lambda: Event.objects.all().delete()):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            change()
    assert Event.objects.get().reason == ""


def test_python_refuses_first():
    event = record(OrganisationFactory())

    with pytest.raises(AppendOnlyError):
        event.save()
    with pytest.raises(AppendOnlyError):
        event.delete()


def test_an_act_without_a_sentence_cannot_be_recorded():
    with pytest.raises(events.UnknownEventTypeError):
        services.record("test.unheard_of", organisation="ABC", by="system")
    assert not ChainHead.objects.exists()


def test_an_event_is_told_in_words():
    assert events.in_words("test.happened", {"what": "the washing"}) == "did the washing"
    assert events.in_words("test.happened", {}) == "did …"
