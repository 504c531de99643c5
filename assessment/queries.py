"""A return read whole: every answer, what stands behind it, and what the rules make of it on a day."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cached_property
from typing import Any

from accounts.models import OrganisationProfile
from assessment import answers, content, scoring
from assessment.branches import Branches, branches_of
from assessment.edition_changes import PatchNote, patch_notes
from assessment.edition_format.types import Assertion, EditionFile, Item, Outcome
from assessment.edition_format.words import LEVELS
from assessment.facts_of import evidence_piece, scoring_reading
from assessment.judging.facts import UNANSWERED
from assessment.leaves import ANSWERED, CHECKED, LOOK_AGAIN, Leaf, read_leaves
from assessment.loading import file_of
from assessment.models import (
    Assessment,
    AssessmentTransition,
    Confirmation,
    EditionMove,
    ReviewPoint,
    SignOff,
    Withholding,
)
from assessment.published_before import is_plan_agreed, published_levels
from assessment.requirements import WORDING
from assessment.states import CLOSED, EDITABLE, State
from audit.canonical import digest
from registers.models import HeldCertificate

WORKING_READING_DAYS = 31
"""While work goes on, a training figure stands in for the day's own for so long. Signing always takes a fresh one."""


@dataclass(frozen=True)
class AssessmentReturn:
    """A return on the day ``on``: the publication date, real or planned, or the day somebody looks.

    ``is_strict`` wants every figure taken for ``on`` itself, as signing and publishing do; otherwise a figure of the
    last weeks stands in. Nothing here reads the clock or writes.
    """

    assessment: Assessment
    edition_file: EditionFile
    on: date
    is_strict: bool
    leaves: tuple[Leaf, ...]
    transitions: tuple[AssessmentTransition, ...]
    confirmations: tuple[Confirmation, ...]
    moves: tuple[EditionMove, ...]
    held_certificates: tuple[HeldCertificate, ...]
    profile: OrganisationProfile | None
    withheld: Mapping[int, Withholding] = field(default_factory=dict)
    """The decisions that stand to keep a document out of the pack, by the document's number."""
    published_levels: frozenset[str] = field(default_factory=frozenset)
    is_plan_agreed: bool = False
    """The national site shows Approaching Standards for the year: the centre has agreed the plan of an earlier publication."""

    # --- parts ---

    @cached_property
    def by_item_id(self) -> Mapping[str, Leaf]:
        return {leaf.item_id: leaf for leaf in self.leaves}

    def leaf(self, response_id: int) -> Leaf:
        """The leaf of a response; KeyError if it is not of this return."""
        return self._by_response[response_id]

    @cached_property
    def _by_response(self) -> Mapping[int, Leaf]:
        return {leaf.response.pk: leaf for leaf in self.leaves}

    def neighbours(self, leaf: Leaf) -> tuple[Leaf | None, Leaf | None]:
        """The leaves before and after, in the edition's order."""
        position = self.leaves.index(leaf)
        before = self.leaves[position - 1] if position else None
        after = self.leaves[position + 1] if position + 1 < len(self.leaves) else None
        return before, after

    def assertions(self) -> Iterator[Assertion]:
        """Assertions with at least one item asked of this organisation's type."""
        for assertion in self.edition_file.assertions():
            if any(item.id in self.by_item_id for item in assertion.items):
                yield assertion

    def leaves_of(self, assertion: Assertion) -> tuple[Leaf, ...]:
        return tuple(self.by_item_id[item.id] for item in assertion.items if item.id in self.by_item_id)

    def is_required(self, leaf: Leaf, level: str = "met") -> bool:
        return not isinstance(leaf.spec, Item) or leaf.spec.is_required(self.assessment.type_snapshot, level)

    def is_unverified(self, leaf: Leaf) -> bool:
        return self.edition_file.is_unverified(leaf.spec, self.assessment.type_snapshot)

    # --- what the rules make of it ---

    @cached_property
    def _facts(self) -> dict[str, Any]:
        return {
            "responses": {leaf.item_id: self._scoring_response(leaf) for leaf in self.leaves if leaf.current or leaf.links},
            "on": self.on,
            "certificates": self.certificates,
            "profile": self._profile,
            "readings": self._readings,
        }

    @cached_property
    def certificates(self) -> tuple[scoring.Certificate, ...]:
        return tuple(
            scoring.Certificate(
                kind=held.scheme,
                valid_from=held.issued_on,
                valid_to=held.expires_on + timedelta(days=1),
                covers_all_care_data=held.covers_all,
            )
            for held in self.held_certificates
        )

    @property
    def _profile(self) -> scoring.Profile:
        nhsmail_only = self.profile is not None and self.profile.nhsmail_only == OrganisationProfile.Answer.YES
        return scoring.Profile(frozenset({"nhsmail_only"} if nhsmail_only else ()))

    @cached_property
    def _readings(self) -> dict[str, scoring.LiveReading]:
        found = {}
        for leaf in self.leaves:
            if leaf.reading is None:
                continue
            reading = scoring_reading(leaf.reading)
            age = (self.on - reading.as_of).days
            if not self.is_strict and 0 <= age <= WORKING_READING_DAYS:
                reading = replace(reading, as_of=self.on)
            found[leaf.item_id] = reading
        return found

    def _scoring_response(self, leaf: Leaf) -> scoring.Response | scoring.OutcomeResponse:
        pieces = tuple(evidence_piece(link, leaf.remarks.get(link.pk, ())) for link in leaf.links)
        work_state = leaf.base_work_state
        current = leaf.current
        if isinstance(leaf.spec, Outcome):
            return replace(answers.outcome_facts(current.value if current else None), evidence=pieces, work_state=work_state)
        return scoring.Response(
            value=answers.plain(current.value) if current else None,
            not_applicable=leaf.is_not_applicable,
            reason=current.reason if current else "",
            evidence=pieces,
            work_state=work_state,
        )

    @cached_property
    def verdicts(self) -> dict[str, scoring.Verdict]:
        return scoring.verdicts(self.edition_file, self.assessment.type_snapshot, **self._facts)

    def verdict(self, leaf: Leaf) -> scoring.Verdict:
        return self.verdicts[leaf.item_id]

    def work_state(self, leaf: Leaf) -> str:
        base = leaf.base_work_state
        if base != ANSWERED:
            return base
        return CHECKED if leaf.item_id in self._confirmed_items else LOOK_AGAIN if self.must_look_again(leaf) else base

    @cached_property
    def patch_notes(self) -> Mapping[str, tuple[PatchNote, ...]]:
        """What corrected lists, taken up since the return was opened, changed about each item."""
        return patch_notes(self.moves)

    def must_look_again(self, leaf: Leaf) -> bool:
        """Whether the question was reworded after it was answered, and nobody has answered, kept or confirmed it since."""
        if leaf.item_id in self._confirmed_items or not (leaf.current or leaf.links):
            return False
        notes = self.patch_notes.get(leaf.item_id, ())
        return any(note.impact == WORDING and note.seen == leaf.version_number for note in notes)

    @cached_property
    def plan(self) -> scoring.Plan:
        actions = tuple(
            scoring.PlanAction(leaf.item_id, leaf.plan_action.action, leaf.plan_action.owner_words, leaf.plan_action.due_on)
            for leaf in self.leaves
            if leaf.plan_action
        )
        return scoring.Plan(actions, is_accepted=self.is_plan_agreed)

    @cached_property
    def standard(self) -> scoring.Standard:
        """The standard as things are; ``once_signed`` says what a signature would make of it."""
        return self.standard_if(signed=self.state in (State.SIGNED, *CLOSED))

    def standard_if(
        self, *, signed: bool, assumed: Collection[str] = (), confirmed: Collection[str] | None = None
    ) -> scoring.Standard:
        """The standard with or without a signature; or with some items taken as settled and some assertions as confirmed."""
        return scoring.computed_standard(
            self.edition_file,
            self.assessment.type_snapshot,
            confirmations=self.confirmed if confirmed is None else confirmed,
            signed=signed,
            assumed=assumed,
            previously_published=self.published_levels,
            plan=self.plan,
            **self._facts,
        )

    @property
    def is_interim(self) -> bool:
        return self.assessment.is_interim

    @property
    def level_if_signed(self) -> str:
        """What a signature and a publication record: the standard reached, or nothing for an interim return."""
        return "" if self.is_interim else self.standard_if(signed=True).level

    def is_enough(self, leaf: Leaf) -> bool:
        """Whether nothing more is asked for a leaf: settled, or for an interim return answered with whatever it is."""
        verdict = self.verdict(leaf)
        return verdict.state != UNANSWERED if self.is_interim else verdict.is_settled

    @property
    def last_day(self) -> date:
        """The edition's last day for a return of this kind."""
        calendar = self.edition_file.header.calendar
        return calendar.interim if self.is_interim and calendar.interim else calendar.final

    @cached_property
    def progress(self) -> scoring.Progress:
        return scoring.progress(self.edition_file, self.assessment.type_snapshot, confirmations=self.confirmed, **self._facts)

    # --- confirmations ---

    @cached_property
    def latest_confirmations(self) -> Mapping[str, Confirmation]:
        """The last confirmation of each assertion, valid or not."""
        return {confirmation.assertion.item_id: confirmation for confirmation in self.confirmations}

    @cached_property
    def confirmed(self) -> frozenset[str]:
        """Ids of the assertions whose last confirmation still fits what stands there."""
        return frozenset(assertion.id for assertion in self.assertions() if self.is_confirmed(assertion))

    def is_confirmed(self, assertion: Assertion) -> bool:
        latest = self.latest_confirmations.get(assertion.id)
        return latest is not None and latest.digest == self.assertion_digest(assertion, scheme=latest.scheme)

    def has_lapsed(self, assertion: Assertion) -> bool:
        return assertion.id in self.latest_confirmations and not self.is_confirmed(assertion)

    def assertion_digest(self, assertion: Assertion, *, scheme: int = Confirmation.BY_ITEM) -> str:
        """Of what a confirmation binds to; scheme 1 only to tell whether an older confirmation still stands."""
        if scheme == Confirmation.WHOLE_EDITION:
            return digest(content.assertion_content_of_whole_edition(self, assertion))
        return digest(content.assertion_content(self, assertion))

    @cached_property
    def _confirmed_items(self) -> frozenset[str]:
        return frozenset(item.id for assertion in self.assertions() if assertion.id in self.confirmed for item in assertion.items)

    def unsettled_required(self, assertion: Assertion) -> tuple[Leaf, ...]:
        """Required items that stand between an assertion and its confirmation."""
        return tuple(leaf for leaf in self.leaves_of(assertion) if self.is_required(leaf) and not self.verdict(leaf).is_settled)

    # --- sites ---

    @cached_property
    def branches(self) -> Branches:
        """The organisation's sites, with which the return speaks for and who has confirmed it."""
        return branches_of(self)

    # --- state ---

    @property
    def recorded_state(self) -> State:
        return State(self.transitions[-1].to_state) if self.transitions else State.PREPARING

    @property
    def sign_off(self) -> SignOff | None:
        """The signature behind the present state, whether or not it still holds."""
        signed = [step for step in self.transitions if step.step == "sign"]
        if self.recorded_state not in (State.SIGNED, *CLOSED) or not signed:
            return None
        return signed[-1].sign_off

    @cached_property
    def digest(self) -> str:
        """Of everything a signature covers."""
        return digest(content.return_content(self))

    @property
    def signature_has_lapsed(self) -> bool:
        """Signed, but what was signed has changed since."""
        return self.recorded_state == State.SIGNED and self.sign_off is not None and self.sign_off.content_digest != self.digest

    @property
    def state(self) -> State:
        """Signed counts only while the signature fits the content."""
        return State.READY_TO_SIGN if self.signature_has_lapsed else self.recorded_state

    @property
    def is_editable(self) -> bool:
        return self.state in EDITABLE

    @cached_property
    def open_points(self) -> tuple[ReviewPoint, ...]:
        """What the reviewer asked for when the return last came back, until it goes to review again."""
        last = self.transitions[-1] if self.transitions else None
        if last is None or last.step != "send_back":
            return ()
        return tuple(point for point in last.points.all() if point.response_id is None or point.response_id in self._by_response)


def read_return(assessment: Assessment, *, on: date, strict: bool = False) -> AssessmentReturn:
    """Read a return whole, in a fixed number of queries, to be judged for the day ``on``."""
    organisation = assessment.organisation
    transitions = tuple(assessment.transitions.select_related("by", "sign_off__person", "sign_off__key_post").order_by("pk"))
    confirmations = assessment.confirmations.select_related("assertion", "by").order_by("pk")
    checked = file_of(assessment.edition)
    profile = OrganisationProfile.objects.in_force(organisation, on)
    return AssessmentReturn(
        assessment=assessment,
        edition_file=checked,
        on=on,
        is_strict=strict,
        leaves=read_leaves(assessment, on=on),
        transitions=transitions,
        confirmations=tuple(confirmations),
        moves=tuple(assessment.edition_moves.order_by("pk")),
        held_certificates=tuple(HeldCertificate.objects.filter(organisation=organisation).order_by("pk")),
        profile=profile,
        withheld=_withheld(assessment),
        published_levels=published_levels(assessment) | _published_before(profile),
        is_plan_agreed=checked.rules.ask_for_an_agreed_plan and is_plan_agreed(assessment),
    )


def _withheld(assessment: Assessment) -> dict[int, Withholding]:
    newest = {decided.document_id: decided for decided in assessment.withholdings.select_related("by").order_by("pk")}
    return {document: decided for document, decided in newest.items() if decided.is_withheld}


def _published_before(profile: OrganisationProfile | None) -> frozenset[str]:
    """What the profile says was published before returns were kept here, as the rules want it."""
    return frozenset({profile.published_before} & LEVELS.keys()) if profile else frozenset()


def current_return(assessment: Assessment, *, today: date) -> AssessmentReturn:
    """Read a return as it stands: one in work judged for today, one signed or published for the date it was signed for."""
    last = (
        assessment.transitions.filter(step__in=("sign", "unlock", "lapse", "publish"))
        .select_related("sign_off")
        .order_by("pk")
        .last()
    )
    if last is None or last.step in ("unlock", "lapse"):
        return read_return(assessment, on=today)
    if last.step == "publish":
        return read_return(assessment, on=assessment.publication.published_on, strict=True)
    return read_return(assessment, on=last.sign_off.planned_publication_date, strict=True)
