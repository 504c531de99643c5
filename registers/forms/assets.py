"""The form of an asset."""

from registers.forms.entries import EntryForm
from registers.models import Asset


class AssetForm(EntryForm):
    class Meta(EntryForm.Meta):
        model = Asset
        fields = Asset.changeable
