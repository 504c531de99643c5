import json

import pytest
from django.core.management import call_command

from accounts.models import Organisation
from audit.models import Event
from courses.models import TrainingNeed

pytestmark = pytest.mark.django_db


def test_an_organisation_is_created_with_its_event(capsys):
    call_command("create_organisation", "vn123", "--name", "Elm House", "--type", "social-care", "--json")

    organisation = Organisation.objects.get()
    assert json.loads(capsys.readouterr().out) == {"organisation": "VN123", "name": "Elm House", "type": "social-care"}
    assert (organisation.ods_code, organisation.name, organisation.type) == ("VN123", "Elm House", "social-care")
    assert Event.objects.get().type == "accounts.organisation_created"


def test_prose_says_what_was_created(capsys):
    call_command("create_organisation", "VN123", "--name", "Elm House", "--type", "gp")

    assert capsys.readouterr().out == "created Elm House (VN123)\n"


@pytest.mark.parametrize(
    ("code", "name", "type", "words"),
    [
        ("V", "Elm House", "social-care", "not an ODS code"),
        ("VN-123", "Elm House", "social-care", "not an ODS code"),
        ("VN123", " ", "social-care", "name"),
        ("VN123", "Elm House", "castle", "not an organisation type"),
        ("TAKEN", "Elm House", "gp", "already"),
    ],
)
def test_what_cannot_be_is_refused_with_2(capsys, code, name, type, words):
    Organisation.objects.create(ods_code="TAKEN", name="There", type="gp")

    with pytest.raises(SystemExit) as stop:
        call_command("create_organisation", code, "--name", name, "--type", type, "--json")

    out, err = capsys.readouterr()
    assert stop.value.code == 2
    assert words in err
    assert json.loads(out)["refused"] == err.strip()
    assert Organisation.objects.count() == 1


def test_training_is_asked_of_everybody_with_access_as_soon_as_the_course_is_there(capsys):
    call_command("create_organisation", "EARLY", "--name", "Before the content", "--type", "gp")
    assert not TrainingNeed.objects.exists()

    call_command("load_content")
    call_command("create_organisation", "LATER", "--name", "After the content", "--type", "gp")

    needs = TrainingNeed.objects.order_by("organisation__ods_code").values_list(
        "organisation__ods_code", "course__code", "months", "audience"
    )
    assert list(needs) == [
        ("EARLY", "data-security-awareness", 12, "with-access"),
        ("LATER", "data-security-awareness", 12, "with-access"),
    ]
