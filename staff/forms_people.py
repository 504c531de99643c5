"""Forms about people: searching, adding, changing, leaving, key posts, deputies."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms

from accounts.models import Organisation
from nhsuk.forms import DateField
from staff.directory import EVERYBODY, IN_POST, LEFT, NO_EMAIL, NO_MANAGER, NO_SIGN_IN, NO_UNIT, PeopleFilter
from staff.enums import DataAccess, EmploymentType, FlagOutcome, KeyPostKind, PersonSource
from staff.form_fields import PersonField, UnitField
from staff.models import Person, Post, Unit


class PersonSearchForm(forms.Form):
    """Search and filters of the staff list."""

    q = forms.CharField(label="Name or staff number", required=False, max_length=100)
    state = forms.ChoiceField(
        label="Who", required=False, choices=[(IN_POST, "In post today"), (LEFT, "Left"), (EVERYBODY, "Everybody")]
    )
    employment_type = forms.ChoiceField(label="Employment type", required=False, choices=[("", "All"), *EmploymentType.choices])
    access = forms.ChoiceField(label="Access to personal data", required=False, choices=[("", "All"), *DataAccess.choices])
    lacking = forms.ChoiceField(
        label="Without",
        required=False,
        choices=[
            ("", "Does not matter"),
            (NO_EMAIL, "an e-mail address"),
            (NO_MANAGER, "a manager"),
            (NO_UNIT, "a unit"),
            (NO_SIGN_IN, "a sign-in"),
        ],
    )
    source = forms.ChoiceField(label="Kept by", required=False, choices=[("", "All"), *PersonSource.choices])

    def __init__(self, *args: Any, organisation: Organisation, on: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.organisation = organisation
        unit = UnitField(organisation=organisation, on=on, empty="All units", label="Unit, and all below it", required=False)
        self.fields["unit"] = unit
        self.order_fields(["q", "unit"])

    @property
    def wanted(self) -> PeopleFilter:
        """What is looked for; an answer that cannot be is passed over."""
        self.is_valid()
        given = self.cleaned_data
        unit: Unit | None = given.get("unit")
        return PeopleFilter(
            words=given.get("q", ""),
            units=frozenset(Unit.objects.ids_below(self.organisation.pk, [unit.pk])) if unit else None,
            state=given.get("state") or IN_POST,
            **{name: given.get(name, "") for name in ("employment_type", "access", "lacking", "source")},
        )

    @property
    def kept(self) -> dict[str, str]:
        """The answers that narrow the list, for addresses that go on with it."""
        given = {name: self.cleaned_data.get(name) for name in self.fields}
        return {name: str(value.pk) if isinstance(value, Unit) else str(value) for name, value in given.items() if value}

    @property
    def is_narrowed(self) -> bool:
        """Whether more than a name is asked for."""
        return not self.kept.items() <= {"q": self.kept.get("q"), "state": IN_POST}.items()


class PersonForm(forms.Form):
    """Somebody whom no HR file lists."""

    staff_number = forms.CharField(
        label="Staff number", max_length=40, help_text="If there is none, make one up that nobody else has."
    )
    first_name = forms.CharField(label="First name", max_length=100)
    last_name = forms.CharField(label="Last name", max_length=100)
    email = forms.EmailField(
        label="E-mail address (optional)", required=False, help_text="Without one they sign in with a code on a letter."
    )

    def __init__(self, *args: Any, organisation: Organisation, on: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        post = PostForm(organisation=organisation, on=on, person=None)
        self.fields |= {name: post.fields[name] for name in (*POST_FIELDS, "start")}


POST_FIELDS = ("unit", "job_title", "staff_group", "employment_type", "manager", "has_access")


class PersonEditForm(forms.Form):
    """Names and e-mail address."""

    first_name = forms.CharField(label="First name", max_length=100, required=False)
    last_name = forms.CharField(label="Last name", max_length=100, required=False)
    email = forms.EmailField(label="E-mail address (optional)", required=False)


class PostForm(forms.Form):
    """A post that begins."""

    job_title = forms.CharField(label="Job title (optional)", max_length=200, required=False)
    staff_group = forms.CharField(label="Staff group (optional)", max_length=100, required=False)
    employment_type = forms.ChoiceField(label="Employment type", choices=EmploymentType)
    has_access = forms.ChoiceField(
        label="Do they have access to personal data?",
        choices=DataAccess,
        initial=DataAccess.YES,
        widget=forms.RadioSelect,
        help_text="Paper counts too. If you do not know, they are counted as having access.",
    )
    start = DateField(label="First day in post")

    def __init__(self, *args: Any, organisation: Organisation, on: date, person: Person | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"] = UnitField(
            organisation=organisation, on=on, empty="No unit", label="Unit (optional)", required=False
        )
        self.fields["manager"] = PersonField(
            organisation=organisation, on=on, empty="No manager", label="Manager (optional)", required=False
        )
        self.order_fields(["unit", "job_title", "staff_group", "employment_type", "manager", "has_access", "start"])


class PostEditForm(PostForm):
    """A change of a post from a date on, or a correction of its first day."""

    def __init__(self, *args: Any, post: Post, on: date, **kwargs: Any) -> None:
        initial = {name: getattr(post, name) for name in ("job_title", "staff_group", "employment_type", "has_access", "start")}
        initial |= {"unit": post.unit_id or "", "manager": post.manager.staff_number if post.manager else "", "since": on}
        super().__init__(*args, organisation=post.person.organisation, on=on, person=post.person, initial=initial, **kwargs)
        self.fields["start"].label = "First day in post"
        self.fields["since"] = DateField(
            label="From which date is this true?",
            help_text="A new unit, staff group, employment type or access begins on this day. Before it everything stays as it was.",
        )


class LastDayForm(forms.Form):
    """The last day of something."""

    last_day = DateField(label="Last day")

    def __init__(self, *args: Any, label: str = "Last day", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["last_day"].label = label


class AbsenceForm(forms.Form):
    """When somebody is away. Not why."""

    start = DateField(label="First day away")
    back_on = DateField(label="Day they are back (optional)", required=False, help_text="Leave it empty if nobody knows yet.")


class AbsenceEndForm(forms.Form):
    """When somebody is back."""

    back_on = DateField(label="Day they are back")


class AppointmentForm(forms.Form):
    """Who holds a key post from when."""

    kind = forms.ChoiceField(label="Post", choices=KeyPostKind)

    def __init__(self, *args: Any, organisation: Organisation, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["holder"] = PersonField(
            organisation=organisation, empty="Nobody from the staff list", label="Holder", required=False
        )
        self.fields["holder_outside"] = forms.CharField(
            label="Or somebody outside the organisation",
            max_length=200,
            required=False,
            help_text="Name and organisation, for example an outsourced Data Protection Officer.",
        )
        self.fields["deputy"] = PersonField(
            organisation=organisation, empty="No deputy", label="Deputy (optional)", required=False
        )
        self.fields["start"] = DateField(label="From which date?")


class DeputyForm(forms.Form):
    """Who acts for a manager, and for how long."""

    start = DateField(label="First day")
    last_day = DateField(label="Last day (optional)", required=False, help_text="Leave it empty to decide later.")

    def __init__(self, *args: Any, organisation: Organisation, on: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"] = PersonField(organisation=organisation, on=on, empty="Choose somebody", label="Who acts?")
        self.order_fields(["to"])


class DelegationForm(DeputyForm):
    """Who acts for which manager, or looks after which unit."""

    def __init__(self, *args: Any, organisation: Organisation, on: date, **kwargs: Any) -> None:
        super().__init__(*args, organisation=organisation, on=on, **kwargs)
        self.fields["manager"] = PersonField(
            organisation=organisation, on=on, empty="For a unit instead", label="For which manager?", required=False
        )
        self.fields["unit"] = UnitField(
            organisation=organisation,
            on=on,
            empty="For a manager instead",
            label="Or for which unit, and all below it?",
            required=False,
        )
        self.order_fields(["to", "manager", "unit"])


class NotMineForm(forms.Form):
    """Somebody is not in one's team."""

    words = forms.CharField(
        label="Where do they work now? (optional)",
        max_length=300,
        required=False,
        help_text="HR reads this. Do not write about health.",
    )


class MissingForm(forms.Form):
    """Somebody is missing from one's team."""

    words = forms.CharField(
        label="Who is missing?", max_length=300, help_text="A name, and the staff number if you know it. HR reads this."
    )


class SettleFlagForm(forms.Form):
    """What HR did about a flag."""

    outcome = forms.ChoiceField(label="What did you do?", choices=FlagOutcome, widget=forms.RadioSelect)
    note = forms.CharField(label="Note (optional)", max_length=300, required=False)
