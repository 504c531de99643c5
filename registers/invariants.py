"""What must hold of the registers."""

from collections.abc import Iterable

from audit.invariants import RowFault, invariant
from registers.models.policies import PolicyPublication


@invariant("registers.policies_are_as_approved", "Every published policy version is word for word what was approved.")
def policies_are_as_approved() -> Iterable[RowFault]:
    publications = PolicyPublication.objects.select_related("version__policy", "approval").order_by("pk")
    for publication in publications.iterator(chunk_size=200):
        version, approval = publication.version, publication.approval
        if approval.version_id != version.pk:
            yield RowFault(f"registers.policyversion:{version.pk}", "It was published on the approval of another version.")
        elif approval.digest != version.digest:
            yield RowFault(f"registers.policyversion:{version.pk}", "It is not what was approved: its content was changed since.")
