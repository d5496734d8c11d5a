"""Fine-tunes the text encoder on the training topic's rows and judges it on the audit slice.

    sluice dump training --config sluice.yaml --format parquet --out training.parquet
    sluice dump audit --config sluice.yaml --format parquet --out audit.parquet
    python3 scripts/float-encoder.py
    python -m sluice.finetune --training training.parquet --audit audit.parquet \\
        --base .sluice/encoder-float32/model.onnx --out tuned

The samples must carry their texts: output.carry: [query, items.title].
"""

from __future__ import annotations

import argparse
import dataclasses
import sys
from pathlib import Path
from typing import Any

from .. import read
from .._errors import SluiceReadError
from ._base import from_onnx, from_transformers
from ._export import export
from ._recipe import Recipe, fine_tune
from ._rows import rows_of


def main(words: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        "python -m sluice.finetune", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--training", type=Path, required=True, help="dump of the training topic")
    parser.add_argument("--audit", type=Path, required=True, help="dump of the audit topic, to judge on")
    parser.add_argument("--base", type=Path, required=True, help="float32 ONNX file, or a folder of transformers")
    parser.add_argument("--tokenizer", type=Path, help="its tokenizer.json; default: beside the file")
    parser.add_argument("--out", type=Path, required=True, help="folder for the encoder")
    parser.add_argument("--item", default="items.title", help="carried text of the item")
    parser.add_argument("--query", default="query", help="carried text of the query")
    parser.add_argument("--no-features", action="store_true", help="texts alone, without the plain columns")
    parser.add_argument("--heads", type=int, help="attention heads of an ONNX file, where its width does not tell")
    for one in dataclasses.fields(Recipe):
        kind: Any = type(one.default)
        parser.add_argument("--" + one.name.replace("_", "-"), type=kind, default=one.default, help=f"{one.default}")
    given = vars(parser.parse_args(words))
    recipe = Recipe(**{one.name: given[one.name] for one in dataclasses.fields(Recipe)})
    try:
        texts = {"item": given["item"], "query": given["query"], "features": not given["no_features"]}
        training, audit = (rows_of(read(given[name]), **texts) for name in ("training", "audit"))
        print(f"{len(training)} rows to learn from, {int(training.label.sum())} positive; {len(audit)} to judge on")
        base_file: Path = given["base"]
        if base_file.is_dir():
            base = from_transformers(base_file)
        else:
            base = from_onnx(base_file, given["tokenizer"] or base_file.with_name("tokenizer.json"), given["heads"])
        report = fine_tune(base, training, audit, recipe, lambda line: print(line, flush=True))
        print(export(base, given["out"], recipe, report), end="")
    except (SluiceReadError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
