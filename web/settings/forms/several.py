"""Fields for lists: short texts, one on each line or each chosen from a list."""

from __future__ import annotations

from typing import Any

from wtforms import widgets

from web.settings.forms.desk import Place, is_scalar, text_of
from web.settings.forms.fields import Choice, Setting
from web.settings.forms.typed import line, lines


class Several(Setting):
    """A list of short texts."""

    def fits(self, written: Any) -> bool:
        """A list of scalars, or one."""
        return is_scalar(written) or (isinstance(written, list | tuple) and all(is_scalar(each) for each in written))

    def read(self, written: Any) -> Any:
        """The texts, without what is empty."""
        texts = map(text_of, [written] if is_scalar(written) else written)
        return tuple(self.clean(text) for text in texts if text.strip())

    def absent(self) -> Any:
        """None of them."""
        return ()

    def typed(self, formdata: Any) -> Any:
        """What was sent, without what is empty."""
        return tuple(self.clean(each) for each in formdata.getlist(self.name) if each.strip())

    def value(self) -> Any:
        """The texts, or nothing where there are none."""
        return list(self.data) or None

    def clean(self, text: str) -> str:
        """Make of a text what the settings are to hold."""
        return line(text)


class Lines(Several):
    """A list with one text on each line: `cleaned` makes of it what the settings hold, `written` what people read."""

    widget = widgets.TextArea()

    def __init__(
        self, label: object, at: Place, hint: object = "", *, cleaned: Any, written: Any, **options: Any
    ) -> None:
        super().__init__(label, at, hint, **options)
        self.cleaned, self.written = cleaned, written
        self.render_kw = {"rows": 4}

    def typed(self, formdata: Any) -> Any:
        """One for each line that is not empty."""
        return tuple(self.clean(each) for each in lines(formdata.get(self.name, "")).split("\n") if each.strip())

    def clean(self, text: str) -> str:
        """Make of a line what the settings are to hold."""
        return str(self.cleaned(text, self.desk))

    def _value(self) -> str:
        return "\n".join(self.written(each) for each in self.data)


class Picks(Several):
    """A list of words, each chosen from the same list; an empty choice takes one out, the last adds one."""

    kind = "picks"

    def __init__(self, label: object, at: Place, hint: object = "", *, of: Any, **options: Any) -> None:
        super().__init__(label, at, hint, **options)
        self.of = of

    def options(self) -> list[Choice]:
        """List what may be chosen, and what the document has besides."""
        listed = list(self.of())
        known = dict(listed)
        return [("", "—"), *listed, *((word, word) for word in dict.fromkeys(self.data) if word not in known)]
