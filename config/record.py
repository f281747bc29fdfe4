"""The kind of record every part of the settings file is made of."""

import re
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, StringConstraints


class Record(BaseModel):
    """A frozen part of the settings; a key that it does not know is a problem, never ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,39}$")]
"""The key of an employee, group, menu or schedule: it stands in URLs and in Redis, so it stays plain."""

UNSEEN = re.compile(
    "["
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f"
    "\u2800\u3164\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e007f"
    "]"
)
"""What is not seen and changes what is: it turns the direction of a line (U+202E), or makes two names look like one
(U+200B, U+3164). The joiners U+200C and U+200D stay: names in Persian or Hindi are written with them."""


def seen(text: object) -> object:
    """Leave out of a text what nobody sees; refused, it would keep settings from starting that hold some already."""
    return UNSEEN.sub("", text) if isinstance(text, str) and not text.isascii() else text


SHOWN = BeforeValidator(seen)
"""For the name of somebody or something, as pages, logs and the CRM show it; config.unseen warns of what it loses."""
