"""Voice menus and what is said in them."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from config.destinations import Choice, NoChoice
from config.record import Record


class Prompt(Record):
    """Something to be heard: words to say, or an https address to play."""

    say: Annotated[str, StringConstraints(min_length=1, max_length=3000)] | None = Field(
        default=None, description="words, spoken by the provider"
    )
    play: Annotated[str, StringConstraints(pattern=r"^https://\S+$", max_length=1000)] | None = Field(
        default=None, description="an https address of a sound file, which the provider fetches"
    )

    @model_validator(mode="after")
    def _one_of_two(self) -> Prompt:
        if (self.say is None) == (self.play is None):
            raise PydanticCustomError("prompt", "give either say: (words) or play: (an https address), one of them")
        return self


Key = Annotated[str, StringConstraints(pattern=r"^[0-9*]$")]
"""One key of a telephone. # is missing: the provider takes it as the end of what is typed."""


class Menu(Record):
    """A prompt and a destination per key."""

    prompt: Prompt = Field(description="what is heard")
    choices: dict[Key, Choice] = Field(min_length=1, description="where each key leads")
    wait_seconds: int = Field(default=5, ge=1, le=30, description="how long a key is waited for")
    attempts: int = Field(default=3, ge=1, le=10, description="how often the menu is played, wrong keys included")
    no_choice: NoChoice = Field(default="continue", description="where the call goes when nothing useful was pressed")
