"""Taking other people's names out of words that somebody wrote about one person."""

from __future__ import annotations

import re
from collections.abc import Iterable

from django.db.models import QuerySet

from accounts.models import Membership, Organisation, User
from staff.models import Person

ANOTHER = "[another person]"
_WORD = r"[^\W\d_]+(?:['’-][^\W\d_]+)*"
_PAIR = re.compile(rf"(?=\b({_WORD})(\s+)({_WORD})\b)")
_TITLED = re.compile(rf"\b(?:Mr|Mrs|Ms|Miss|Dr|Prof|Sister|Nurse)\.?\s+({_WORD})\b", re.IGNORECASE)
_EMAIL = re.compile(r"[\w.+'-]+@[\w-]+(?:\.[\w-]+)+")


class OtherNames:
    """The names of everybody else on an organisation's staff list and among its sign-ins."""

    def __init__(self, names: Iterable[tuple[str, str]], *, own: Iterable[tuple[str, str]], own_emails: Iterable[str]) -> None:
        self._own = {_pair(first, last) for first, last in own}
        self._own_surnames = {last.casefold() for _first, last in own}
        pairs = {_pair(first, last): last for first, last in names if first and last}
        self._pairs = {pair for pair in pairs if pair not in self._own}
        self._surnames = {last.casefold() for last in pairs.values()} - self._own_surnames
        self._own_emails = {email.casefold() for email in own_emails if email}

    @classmethod
    def around(cls, person: Person) -> OtherNames:
        """Everybody of the person's organisation but the person."""
        organisation = person.organisation
        people = Person.objects.of(organisation).exclude(pk=person.pk).values_list("first_name", "last_name")
        users = _users(organisation).exclude(pk=person.user_id or 0).values_list("first_name", "last_name")
        own, emails = [(person.first_name, person.last_name)], [person.email]
        if person.user is not None:
            own.append((person.user.first_name, person.user.last_name))
            emails += [person.user.email, person.user.username]
        return cls([*people, *users], own=own, own_emails=emails)

    def taken_out_of(self, text: str) -> str:
        """The text with names and e-mail addresses of others replaced. Misses nicknames and bare first names."""
        text = _EMAIL.sub(lambda found: found[0] if found[0].casefold() in self._own_emails else ANOTHER, text)
        text = self._without_pairs(text)
        return _TITLED.sub(lambda found: ANOTHER if found[1].casefold() in self._surnames else found[0], text)

    def _without_pairs(self, text: str) -> str:
        parts, at = [], 0
        for found in _PAIR.finditer(text):
            start, end = found.start(1), found.end(3)
            if start >= at and (found[1].casefold(), found[3].casefold()) in self._pairs:
                parts += [text[at:start], ANOTHER]
                at = end
        return "".join(parts) + text[at:]


def _pair(first: str, last: str) -> tuple[str, str]:
    """The last two words of a name, which is how people are written of."""
    words = f"{first} {last}".casefold().split()
    return (words[-2], words[-1]) if len(words) > 1 else ("", words[0] if words else "")


def _users(organisation: Organisation) -> QuerySet[User]:
    return User.objects.filter(pk__in=Membership.objects.filter(organisation=organisation).values("user"))
