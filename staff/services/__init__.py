"""Everything that changes the staff list."""

from staff.services.imports import (
    ImportOutcome,
    ImportRefusedError,
    apply_batch,
    approve_batch,
    discard_batch,
    expire_batches,
    import_file,
    map_columns,
    preview_batch,
    undo_batch,
    upload,
)
from staff.services.invitations import InvitationRefusedError, grant_manager_roles, invite_person
from staff.services.key_posts import AppointmentRefusedError, appoint, end_appointment
from staff.services.people import PersonRefusedError, add_person, note_export

__all__ = [
    "AppointmentRefusedError",
    "ImportOutcome",
    "ImportRefusedError",
    "InvitationRefusedError",
    "PersonRefusedError",
    "add_person",
    "apply_batch",
    "appoint",
    "approve_batch",
    "discard_batch",
    "end_appointment",
    "expire_batches",
    "grant_manager_roles",
    "import_file",
    "invite_person",
    "map_columns",
    "note_export",
    "preview_batch",
    "undo_batch",
    "upload",
]
