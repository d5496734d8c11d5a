"""The other side of test/bench/encoder.mjs: the same texts and file under onnxruntime for Python, one text a run.

Reads one JSON line {model, tokenizer, maxTokens, texts} and then, for each further line, embeds all texts on the number
of threads it names and answers with one JSON line {seconds}. The last answer to `vectors` is the vectors themselves.
"""
import concurrent.futures
import json
import sys
import time

import numpy
import onnxruntime
import tokenizers

setup = json.loads(sys.stdin.readline())
tokenizer = tokenizers.Tokenizer.from_file(setup['tokenizer'])
tokenizer.no_padding()
tokenizer.enable_truncation(max_length=setup['maxTokens'])
texts = setup['texts']


def opened():
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(setup['model'], options, providers=['CPUExecutionProvider'])


def embedded(session, some):
    vectors = []
    for text in some:
        row = numpy.array([tokenizer.encode(text).ids], dtype=numpy.int64)
        feeds = {'input_ids': row, 'attention_mask': numpy.ones_like(row), 'token_type_ids': numpy.zeros_like(row)}
        vector = session.run(['last_hidden_state'], feeds)[0][0].astype(numpy.float64).mean(axis=0)
        vectors.append(vector / numpy.linalg.norm(vector))
    return vectors


sessions = [opened() for _ in range(setup['threads'])]
for session in sessions:
    embedded(session, texts[:50])
print(json.dumps({'onnxruntime': onnxruntime.__version__}), flush=True)
for line in sys.stdin:
    asked = line.strip()
    if asked == 'vectors':
        print(json.dumps([[float(x) for x in vector] for vector in embedded(sessions[0], texts)]), flush=True)
        continue
    threads = int(asked)
    parts = [texts[i::threads] for i in range(threads)]
    start = time.perf_counter()
    if threads == 1:
        embedded(sessions[0], texts)
    else:
        with concurrent.futures.ThreadPoolExecutor(threads) as pool:
            list(pool.map(embedded, sessions[:threads], parts))
    print(json.dumps({'seconds': time.perf_counter() - start}), flush=True)
