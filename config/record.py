"""The kind of record every part of the settings file is made of."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints


class Record(BaseModel):
    """A frozen part of the settings; a key that it does not know is a problem, never ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,39}$")]
"""The key of an employee, group, menu or schedule: it stands in URLs and in Redis, so it stays plain."""
