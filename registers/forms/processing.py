"""The form of a processing activity."""

from registers.forms.entries import EntryForm
from registers.models import ProcessingActivity


class ProcessingForm(EntryForm):
    class Meta(EntryForm.Meta):
        model = ProcessingActivity
        fields = ProcessingActivity.changeable
