"""Background work on the staff list. Each handler stands being run twice."""

from __future__ import annotations

import logging
from functools import partial
from typing import Any

from celery import shared_task
from django.urls import reverse
from django.utils import timezone

from accounts.enums import Capability
from accounts.models import Organisation, User
from jobs.registry import JobFailedError, Progress, handles, in_steps
from staff.importing.reading import UnreadableFileError
from staff.importing.steps import Step
from staff.models import ImportBatch, LetterRun
from staff.queries import to_invite
from staff.services import (
    ImportRefusedError,
    InvitationRefusedError,
    LettersRefusedError,
    apply_batch,
    expire_batches,
    expire_letters,
    invite_person,
    make_letters,
    preview_batch,
)

logger = logging.getLogger(__name__)

PREVIEW, APPLY, INVITE, LETTERS = "staff.preview", "staff.import", "staff.invite", "staff.letters"


@handles(PREVIEW, Capability.STAFF_IMPORT)
def preview(progress: Progress, *, batch_id: int) -> dict[str, Any]:
    """Work out what an uploaded file would change."""
    batch = ImportBatch.objects.get(pk=batch_id)
    try:
        preview_batch(batch, in_steps(progress, (Step.READ, Step.COMPARE)))
    except (ImportRefusedError, UnreadableFileError) as refusal:
        raise JobFailedError(str(refusal)) from refusal
    return {"url": reverse("staff:import_detail", kwargs={"batch_id": batch_id})}


@handles(APPLY, Capability.STAFF_IMPORT)
def apply(progress: Progress, *, batch_id: int, user_id: int) -> dict[str, Any]:
    """Write what the preview showed."""
    batch = ImportBatch.objects.select_related("organisation").get(pk=batch_id)
    try:
        apply_batch(batch, by=User.objects.get(pk=user_id), at=timezone.now(), tell=in_steps(progress, tuple(Step)))
    except (ImportRefusedError, UnreadableFileError) as refusal:
        raise JobFailedError(str(refusal)) from refusal
    return {"url": reverse("staff:import_detail", kwargs={"batch_id": batch_id})}


@handles(INVITE, Capability.STAFF_INVITE)
def invite_everybody(progress: Progress, *, organisation_id: int, user_id: int) -> dict[str, Any]:
    """Invite everybody in post who has an e-mail address and no sign-in. Whoever was invited already is passed over."""
    organisation = Organisation.objects.get(pk=organisation_id)
    user = User.objects.get(pk=user_id)
    people = list(to_invite(organisation, timezone.localdate()))
    invited, refused = 0, []
    for count, person in enumerate(people):
        if count % 10 == 0:
            progress(count, len(people), "Sending invitations")
        try:
            invite_person(person, by=user, at=timezone.now())
        except InvitationRefusedError as refusal:
            refused.append({"person": person.pk, "message": str(refusal)})
            continue
        except OSError:
            logger.warning("the invitation of person %s could not be sent", person.pk)
            refused.append(
                {"person": person.pk, "message": "The e-mail could not be sent. Send it again from the person's page."}
            )
            continue
        invited += 1
    progress(len(people), len(people), "")
    return {"invited": invited, "refused": refused, "url": f"{reverse('staff:invitation_list')}"}


@shared_task(name="staff.expire_imports")
def expire_imports() -> None:
    """Throw away uploads nobody decided about, and forget the values of old imports."""
    expire_batches(at=timezone.now())


@handles(LETTERS, Capability.STAFF_INVITE)
def letters(progress: Progress, *, letter_run_id: int, user_id: int) -> dict[str, Any]:
    """Make letters with codes. Whoever asked fetches them."""
    run = LetterRun.objects.select_related("organisation", "person__organisation", "person__user", "unit").get(pk=letter_run_id)
    try:
        run = make_letters(
            run, by=User.objects.get(pk=user_id), at=timezone.now(), progress=partial(progress, note="Making letters")
        )
    except LettersRefusedError as refusal:
        raise JobFailedError(str(refusal)) from refusal
    return {"letters": run.letters, "url": reverse("staff:letter_detail", kwargs={"letter_run_id": run.pk})}


@shared_task(name="staff.expire_letters")
def expire_unfetched_letters() -> None:
    """Delete letters that nobody fetched within an hour."""
    expire_letters(at=timezone.now())
