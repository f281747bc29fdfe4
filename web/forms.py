"""What all forms share: protection against forged ones, and messages in the reader's language."""

from __future__ import annotations

from typing import Any

from flask_wtf import FlaskForm

from web import words


class Form(FlaskForm):  # type: ignore[misc]
    """A form of ours."""

    class Meta(FlaskForm.Meta):  # type: ignore[misc]
        """Where WTForms finds the words of its own messages."""

        @property
        def locales(self) -> list[str]:
            """The language of this request."""
            return [words.language()]

        def get_translations(self, form: Any) -> Any:
            """Take the ones that WTForms brings; Flask-WTF would look for an extension that is not maintained."""
            return super(FlaskForm.Meta, self).get_translations(form)
