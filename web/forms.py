"""What all forms share: protection against forged ones, and messages in the reader's language."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import current_app, request
from flask_wtf import FlaskForm

from web import words

View = TypeVar("View", bound=Callable[..., Any])


def takes(most: int) -> Callable[[View], View]:
    """Let a view take forms of so many bytes; the others take what voice.guard lets through."""

    def mark(view: View) -> View:
        view.__dict__["takes"] = most
        return view

    return mark


def make_room() -> None:
    """Let a request be as large as its view takes, before anything reads it."""
    most = getattr(current_app.view_functions.get(request.endpoint or ""), "takes", None)
    if most is not None:
        request.max_content_length = request.max_form_memory_size = most


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
