"""Which passwords may be chosen, and changing one's own."""

from __future__ import annotations

import hashlib

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from accounts.enums import Role
from accounts.passwords import is_breached
from audit.models import Event
from tests.factories import OrganisationFactory, UserFactory, member

PRESENT = "correct-horse-battery"

GOOD = [
    "lantern-river-apple",
    "lantern river apple",
    "  lantern river apple  ",
    "Lantern1!River",
    "ÜberfallKaffeeTür",
    "солнце-книга-река",
    "猫犬鳥魚馬牛羊猪虎兎龍蛇",
    "🦊🐻🐼🐨🐯🦁🐮🐷🐸🐵🐔🐧",
    "9482 7716 3059 4482",
    "zxPq8!!mmTr,",
    "a" * 20 + "-lantern-river-" + "b" * 93,
    "nhs-lantern-river-apple",
    "my staff room has green walls",
    "x'; DROP TABLE users; --",
    "<b>lantern</b> river",
    "%00%0a lantern river",
]
BAD = [
    "short-one-1",
    "password1234",
    "Password2026!",
    "P4ssword????",
    "aaaaaaaaaaaaaa",
    "abcabcabcabc",
    "lololololololo",
    "123456789012",
    "098765432109",
    "qwertyuiop123",
    "qwertyuiopas",
    "1qaz2wsx3edc",
    "abcdefghijkl",
    "qwerty123456",
    "sunshineprincess",
    "letmeinletmein",
    "iloveyou2026",
    "football!!!!",
    "!!!monkey1234",
    "tenfold-2026",
    "Tenfold-Training-1",
    "nhs-data-security",
    "NHSpassword2026",
    "dspttoolkit2026",
    "willowbrook2026",
    "Willowbrook-Care-1",
    "WB4711-2026-WB4711",
    "quillfeather-1",
    "zebedee-quill-9",
    "hospital-ward-12",
    "safeguarding-1",
    "welcome-welcome",
]


@pytest.fixture
def somebody(db):
    willowbrook = OrganisationFactory(name="Willowbrook Care", ods_code="WB4711")
    user = UserFactory(username="zebedee.quill", first_name="Zebedee", last_name="Quillfeather")
    return member(willowbrook, Role.STAFF, user=user)


def test_a_password_is_refused_for_being_guessable_and_never_for_its_characters(somebody, client, settings):
    def is_taken(password: str) -> bool:
        try:
            validate_password(password, somebody)
        except ValidationError:
            return False
        return True

    assert [password for password in GOOD if not is_taken(password)] == []
    assert [password for password in BAD if is_taken(password)] == []
    for password in GOOD:
        somebody.set_password(password)
        somebody.save()
        to = {"login": somebody.username, "password": password}
        assert Client().post(reverse("accounts:sign_in"), to).status_code == 302, password
        if password.strip() != password:
            assert Client().post(reverse("accounts:sign_in"), to | {"password": password.strip()}).status_code == 200
    assert Client().post(reverse("accounts:sign_in"), to | {"password": password.swapcase()}).status_code == 200


def test_a_list_of_stolen_passwords_is_asked_where_there_is_one(tmp_path, settings):
    def digest(number: int) -> str:
        return hashlib.sha1(f"stolen {number}".encode(), usedforsecurity=False).hexdigest().upper()

    listed = tmp_path / "pwned.txt"
    listed.write_text("".join(f"{one}:{n}\r\n" for n, one in enumerate(sorted(map(digest, range(500))))))
    empty = tmp_path / "empty.txt"
    empty.touch()

    assert all(is_breached(f"stolen {number}", listed) for number in range(500))
    assert not any(is_breached(f"fresh {number}", listed) for number in range(500))
    assert not is_breached("stolen 1", empty)
    validate_password("stolen 123 lantern")
    settings.BREACHED_PASSWORDS = str(listed)
    listed.write_text(hashlib.sha1(b"stolen 123 lantern", usedforsecurity=False).hexdigest().upper() + ":7\n")
    with pytest.raises(ValidationError, match="list of stolen ones"):
        validate_password("stolen 123 lantern")


def test_whoever_knows_the_present_password_changes_it_and_everywhere_else_is_signed_out(somebody):
    somebody.set_password(PRESENT)
    somebody.save()
    here, elsewhere = Client(), Client()
    for client in (here, elsewhere):
        client.post(reverse("accounts:sign_in"), {"login": somebody.username, "password": PRESENT})
    new = {"new_password1": "lantern-river-apple", "new_password2": "lantern-river-apple"}
    page = reverse("accounts:password_change")

    assert "The password is wrong" in here.post(page, new | {"present_password": "guessed"}).text
    weak = {"present_password": PRESENT, "new_password1": "password1234", "new_password2": "password1234"}
    assert "Many people use this password" in here.post(page, weak).text
    assert elsewhere.get("/my-training/").status_code == 200
    assert here.post(page, new | {"present_password": PRESENT}).url == reverse("usersessions_list")

    assert here.get("/my-training/").status_code == 200
    assert here.get(reverse("usersessions_list")).text.count("Another browser or device") == 0
    assert elsewhere.get("/my-training/").status_code == 302
    somebody.refresh_from_db()
    assert somebody.check_password("lantern-river-apple")
    assert Event.objects.filter(type="accounts.password_changed").count() == 1


def test_guessing_the_present_password_is_slowed_down(somebody):
    somebody.set_password(PRESENT)
    somebody.save()
    thief = Client()
    thief.force_login(somebody)
    page = reverse("accounts:password_change")
    new = {"new_password1": "lantern-river-apple", "new_password2": "lantern-river-apple"}
    for number in range(10):
        thief.post(page, new | {"present_password": f"guess {number}"})

    assert "Too many wrong tries" in thief.post(page, new | {"present_password": PRESENT}).text


def test_without_a_password_there_is_none_to_change(somebody):
    somebody.set_unusable_password()
    somebody.save()
    client = Client()
    client.force_login(somebody)

    assert client.get(reverse("accounts:password_change")).url == reverse("home")
