"""The form of a disposal."""

from registers.forms.entries import EntryForm
from registers.models import Disposal


class DisposalForm(EntryForm):
    class Meta(EntryForm.Meta):
        model = Disposal
        fields = Disposal.changeable
