"""The base of the typed models of `semantic`, `planning` and `coordination`.

It needs pydantic, which the extra `plan` brings; `import factorio_fast` does without.
"""

from __future__ import annotations

from typing import Any, Self

from factorio_fast.errors import MissingExtraError

try:
    from pydantic import BaseModel, ConfigDict
except ModuleNotFoundError as error:
    raise MissingExtraError.of("pydantic", extra="plan") from error

__all__ = ["Model"]


class Model(BaseModel):
    """A frozen value that is checked when it is made and knows no fields but its own."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    def to_dict(self) -> dict[str, Any]:
        """Return the model as plain values that JSON can hold; what is not set is left out."""
        return self.model_dump(mode="json", exclude_none=True)

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Self:
        """Make the model of what `to_dict` returned.

        Raises:
            pydantic.ValidationError: A value is unknown, missing or out of range.
        """
        return cls.model_validate(data)
