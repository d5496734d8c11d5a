"""Fine-tunes the text encoder on what Sluice kept. ``python -m sluice.finetune --help`` says how."""

from ._base import Base, from_onnx, from_transformers
from ._figures import Figures, figures
from ._recipe import Recipe, Report, fine_tune
from ._rows import TextRows, rows_of

__all__ = [
    "Base",
    "Figures",
    "Recipe",
    "Report",
    "TextRows",
    "figures",
    "fine_tune",
    "from_onnx",
    "from_transformers",
    "rows_of",
]
