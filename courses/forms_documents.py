"""The form with which an editor uploads a file for lessons."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from wagtail.documents.forms import BaseDocumentForm

from accounts.incoming import look_at
from courses.media import kinds_of
from evidence.uploads import UploadRefusedError, inspect


class LessonDocumentForm(BaseDocumentForm):
    """A file is looked at before it is stored: what it is, whether it could do harm, and what the scanner says."""

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file and "file" in self.changed_data:
            look_at(file)
            content = file.read()
            file.seek(0)
            try:
                inspect(content, file.name, kinds=kinds_of(file.name))
            except UploadRefusedError as refusal:
                raise ValidationError(str(refusal)) from refusal
        return file

    def _post_clean(self) -> None:
        """The model would only add that the refused file has no name."""
        if "file" not in self.errors:
            super()._post_clean()
