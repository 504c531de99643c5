"""Who may do what: the one table of roles and capabilities, and how a view states what it needs.

Deny by default: ``accounts.middleware`` refuses a view that states nothing. A page of the whole installation, such as one that
loads editions, asks for ``Capability.PLATFORM_MANAGE``: no role of an organisation holds it, and ``request.platform`` says who has come.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, TypeVar

from django.core.exceptions import PermissionDenied

from accounts.enums import Capability, Role

if TYPE_CHECKING:
    from datetime import datetime

    from accounts.models import AccessGrant, Organisation, User

C = Capability


class RefusedError(PermissionDenied):
    """Somebody may not do this; the text says why, fit for that person to read, and nothing of what they may not see."""


_EVERYBODY = {C.LEARN, C.INCIDENTS_REPORT}
_READS_ASSESSMENT = {C.ASSESSMENT_VIEW, C.EVIDENCE_VIEW, C.REGISTERS_VIEW, C.REPORTS_VIEW, C.NEEDS_VIEW, C.INCIDENTS_VIEW}

ROLE_CAPABILITIES: dict[Role, frozenset[Capability]] = {
    Role.STAFF: frozenset(_EVERYBODY),
    Role.MANAGER: frozenset(_EVERYBODY | {C.TEAM_VIEW, C.SESSIONS_RECORD}),
    Role.HR: frozenset(
        _EVERYBODY
        | {
            C.STAFF_VIEW,
            C.STAFF_IMPORT,
            C.STAFF_EDIT,
            C.STAFF_INVITE,
            C.REPORTS_VIEW,
            C.REPORTS_NAMED,
            C.REPORTS_SCHEDULE,
            C.NEEDS_VIEW,
            C.RECORDS_IMPORT,
            C.SESSIONS_RECORD,
            C.PRIVACY_COPY,
        }
    ),
    Role.CONTENT_EDITOR: frozenset(_EVERYBODY | {C.CONTENT_EDIT}),
    Role.TRAINING_LEAD: frozenset(
        _EVERYBODY
        | {
            C.CONTENT_EDIT,
            C.NEEDS_VIEW,
            C.NEEDS_EDIT,
            C.REPORTS_VIEW,
            C.REPORTS_NAMED,
            C.REPORTS_SCHEDULE,
            C.STAFF_VIEW,
            C.RECORDS_IMPORT,
            C.SESSIONS_RECORD,
        }
    ),
    Role.DSPT_LEAD: frozenset(
        _EVERYBODY
        | _READS_ASSESSMENT
        | {
            C.ASSESSMENT_EDIT,
            C.ASSESSMENT_DISCUSS,
            C.ASSESSMENT_PUBLISH,
            C.NEEDS_EDIT,
            C.NEEDS_APPROVE,
            C.EVIDENCE_EDIT,
            C.REGISTERS_EDIT,
            C.POLICIES_APPROVE,
            C.REPORTS_NAMED,
            C.REPORTS_SCHEDULE,
            C.GROUP_VIEW,
            C.INCIDENTS_HANDLE,
            C.AUDIT_VIEW,
        }
    ),
    Role.SENIOR_REVIEWER: frozenset(
        _EVERYBODY
        | _READS_ASSESSMENT
        | {
            C.ASSESSMENT_DISCUSS,
            C.ASSESSMENT_SIGN,
            C.POLICIES_APPROVE,
            C.NEEDS_APPROVE,
            C.ADVICE_DECIDE,
            C.AUDIT_VIEW,
            C.GROUP_VIEW,
            C.PRIVACY_APPROVE,
            C.OUTSIDE_MANAGE,
        }
    ),
    # A DPO drafts and advises; who answers for a policy or signs is somebody else (UK GDPR, Article 38(6)).
    Role.DPO: frozenset(
        _EVERYBODY
        | _READS_ASSESSMENT
        | {
            C.ASSESSMENT_DISCUSS,
            C.REGISTERS_EDIT,
            C.INCIDENTS_HANDLE,
            C.ADVICE_GIVE,
            C.AUDIT_VIEW,
            C.PRIVACY_MANAGE,
            C.PRIVACY_APPROVE,
        }
    ),
    Role.AUDITOR: frozenset(_READS_ASSESSMENT | {C.ASSESSMENT_AUDIT, C.REPORTS_NAMED, C.AUDIT_VIEW}),
    Role.INVITED_AUDITOR: frozenset({C.ASSESSMENT_INVITED, C.ASSESSMENT_AUDIT}),
    Role.ORGANISATION_ADMIN: frozenset(
        _EVERYBODY
        | {
            C.ORGANISATION_MANAGE,
            C.OUTSIDE_MANAGE,
            C.STAFF_VIEW,
            C.STAFF_INVITE,
            C.AUDIT_VIEW,
            C.REPORTS_VIEW,
            C.REPORTS_SCHEDULE,
            C.PRIVACY_MANAGE,
            C.PRIVACY_COPY,
        }
    ),
    Role.BOARD: frozenset({C.REPORTS_VIEW, C.GROUP_VIEW}),
    Role.HEAD_OFFICE: frozenset({C.GROUP_VIEW, C.GROUP_MEMBERS}),
}

PLATFORM_ADMINISTRATOR = frozenset({C.PLATFORM_VIEW, C.PLATFORM_MANAGE, C.PLATFORM_ASK})
"""The bundle of whoever looks after the installation. It is no role in an organisation, and shows nobody's personal data."""

LENDABLE = (
    C.STAFF_VIEW,
    C.NEEDS_VIEW,
    C.REPORTS_VIEW,
    C.REPORTS_NAMED,
    C.ASSESSMENT_VIEW,
    C.EVIDENCE_VIEW,
    C.REGISTERS_VIEW,
    C.AUDIT_VIEW,
)
"""What an organisation may let somebody from outside see for some hours. Incidents and rights requests, which may name patients, are not among it."""


@dataclass(frozen=True)
class Look:
    """What an organisation lets somebody from outside see, read only, until an instant (``accounts.looking``)."""

    grant: AccessGrant
    capabilities: frozenset[Capability]
    until: datetime


@dataclass(frozen=True)
class Access:
    """One signed-in user in one organisation: what they may do there, decided afresh for every request."""

    user: User
    organisation: Organisation
    roles: frozenset[Role]
    is_by_code: bool = False
    """Signed in with a letter's code: for one's own training only."""
    on_shared_device: bool = False
    look: Look | None = None
    """Whoever looks from outside has no role here."""
    capabilities: frozenset[Capability] = field(init=False)

    def __post_init__(self) -> None:
        granted: set[Capability] = set()
        for role in self.roles:
            granted |= ROLE_CAPABILITIES[role]
        if self.look is not None:
            granted |= self.look.capabilities.intersection(LENDABLE)
        object.__setattr__(self, "capabilities", frozenset(granted))

    @property
    def may_do_more_than_learn(self) -> bool:
        return self.look is not None or bool(self.roles - {Role.STAFF})

    @property
    def is_by_invitation(self) -> bool:
        """Whether of the returns they read only those that they were invited to audit."""
        return self.can(C.ASSESSMENT_INVITED) and not self.can(C.ASSESSMENT_VIEW)

    def can(self, *capabilities: Capability) -> bool:
        """Whether the user holds at least one of the capabilities."""
        return not self.capabilities.isdisjoint(capabilities)


@dataclass(frozen=True)
class PlatformAccess:
    """Somebody who looks after the installation and belongs to no organisation."""

    user: User
    capabilities: frozenset[Capability] = PLATFORM_ADMINISTRATOR
    may_do_more_than_learn: bool = True
    is_by_code: bool = False

    def can(self, *capabilities: Capability) -> bool:
        """Whether the user holds at least one of the capabilities."""
        return not self.capabilities.isdisjoint(capabilities)


@dataclass(frozen=True)
class ViewPolicy:
    """What a view asks of whoever comes. No capabilities and signed in: anybody who belongs to an organisation."""

    signed_in: bool
    capabilities: frozenset[Capability] = frozenset()
    for_account: bool = False
    """Of the sign-in itself: open also to somebody who looks after the installation."""
    fresh: bool = False
    """Whoever comes must have given a password or a code within the last ten minutes."""
    before_second_factor: bool = False
    """Open also to somebody who still has to set up or show a second factor."""

    def allows(self, access: Access | None, platform: PlatformAccess | None = None) -> bool:
        if not self.signed_in:
            return True
        if self.capabilities:
            return any(one is not None and one.can(*self.capabilities) for one in (access, platform))
        return access is not None or (self.for_account and platform is not None)


View = TypeVar("View", bound=Callable[..., Any])


def _stating(policy: ViewPolicy) -> Callable[[View], View]:
    def mark(view: View) -> View:
        view.policy = replace(  # type: ignore[attr-defined]
            policy,
            fresh=hasattr(view, "fresh"),
            before_second_factor=hasattr(view, "before_second_factor"),
            for_account=hasattr(view, "for_account"),
        )
        return view

    return mark


def fresh(view: View) -> View:
    """The view asks for a password or a code given within the last ten minutes. Put it under ``requires`` or ``signed_in``."""
    view.fresh = True  # type: ignore[attr-defined]
    return view


def before_second_factor(view: View) -> View:
    """The view is open before a second factor was set up or shown. Put it under ``signed_in``."""
    view.before_second_factor = True  # type: ignore[attr-defined]
    return view


def for_account(view: View) -> View:
    """The view is about the sign-in itself: open also to whoever looks after the installation. Put it under ``signed_in``."""
    view.for_account = True  # type: ignore[attr-defined]
    return view


def keeps_post(view: View) -> View:
    """What is sent to the view by somebody whose session has ended waits until they have signed in (``accounts.returning``)."""
    view.keeps_post = True  # type: ignore[attr-defined]
    return view


def requires(*capabilities: Capability) -> Callable[[View], View]:
    """The view is for people who hold at least one of the capabilities in their organisation.

    Put it outermost, above ``require_POST`` and its like, so that the mark is on what the URL names.
    """
    if not capabilities:
        raise ValueError("Name at least one capability, or use signed_in.")
    return _stating(ViewPolicy(signed_in=True, capabilities=frozenset(capabilities)))


def signed_in(view: View) -> View:
    """The view is for anybody who has signed in and belongs to an organisation."""
    return _stating(ViewPolicy(signed_in=True))(view)


def public(view: View) -> View:
    """The view is for everybody, signed in or not."""
    return _stating(ViewPolicy(signed_in=False))(view)


def roles_with(capability: Capability) -> Iterable[Role]:
    """The roles whose bundle holds the capability, in the order of the table."""
    return [role for role, granted in ROLE_CAPABILITIES.items() if capability in granted]
