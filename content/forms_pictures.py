"""The form with which an editor uploads a picture."""

from __future__ import annotations

from typing import Any

from wagtail.images.forms import BaseImageForm

from accounts.incoming import look_at


class PictureForm(BaseImageForm):
    """A picture is looked at by the scanner before it is stored."""

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file and "file" in self.changed_data:
            look_at(file)
        return file
