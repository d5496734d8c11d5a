/**
 * Texts/s of the encoder at a graphics card and on the CPU of the same machine, and whether its vectors keep the law that
 * a vector depends on the text alone. Seeded; needs `npm run build` and, for each `--model`, a float32 or float16 file
 * (scripts/float-encoder.py). The first `--model` must be float32: it is the reference on the CPU. `--threads` is for
 * the tokenizers; on the CPU it counts one thread and as many as there are cores. Usage:
 *   node test/bench/encoder-device.mjs --model FILE [--model FILE] [--tokenizer FILE] [--int8 FILE] [--texts 20000]
 *     [--threads 4] [--max-tokens 64] [--rounds 3] [--json FILE]
 */
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { silentLogger } from '../../dist/adapters/memory/index.js';
import { builtInPath } from '../../dist/adapters/onnx/encoder/built-in.js';
import { openEncoder } from '../../dist/adapters/onnx/encoder/index.js';
import { openTokenizer } from '../../dist/adapters/onnx/encoder/tokenize.js';
import { checkPlacement } from '../../dist/adapters/onnx/encoder/webgpu/placement.js';
import { onWebgpu } from '../../dist/adapters/onnx/encoder/webgpu/session.js';
import { shapeIndexOf, shapesFor } from '../../dist/adapters/onnx/encoder/webgpu/shapes.js';
import { openSummingNetwork } from '../../dist/adapters/onnx/encoder/webgpu/summing-network.js';
import { configSchema } from '../../dist/config/schema.js';

const { values: given } = parseArgs({
  options: {
    model: { type: 'string', multiple: true },
    tokenizer: { type: 'string', default: builtInPath('builtin-en', 'tokenizer') },
    int8: { type: 'string', default: builtInPath('builtin-en', 'model') },
    texts: { type: 'string', default: '20000' },
    threads: { type: 'string', default: String(Math.min(8, availableParallelism())) },
    'max-tokens': { type: 'string', default: '64' },
    rounds: { type: 'string', default: '3' },
    json: { type: 'string' },
  },
});
const models = given.model ?? [];
if (models.length === 0) throw new Error('give --model FILE, a float32 file (scripts/float-encoder.py)');
const textCount = Number(given.texts);
const rounds = Number(given.rounds);
const maxTokens = Number(given['max-tokens']);
const threads = Number(given.threads);
const shapes = shapesFor(maxTokens);
const tokenize = openTokenizer(given.tokenizer, maxTokens);
const settings = { ...configSchema.parse({}).encoder, tokenizer: given.tokenizer, maxTokens, threads };
const words = wordsOf(JSON.parse(readFileSync(new URL('../fixtures/encoder-texts.json', import.meta.url), 'utf8')));
const below = seeded(1);
const results = [];

const mix = distinct(textCount, () => {
  const kind = below(100);
  return phrase(kind < 25 ? 1 + below(3) : kind < 90 ? 4 + below(9) : 20 + below(21));
});
const counts = mix.map((text) => tokenize(text).length);
const shares = shapes.map((_, index) => counts.filter((count) => shapeIndexOf(shapes, count) === index).length);
say(`${cpus()[0].model}, ${availableParallelism()} cores, Node ${process.version}`);
say(`mix: ${textCount} texts, ${(counts.reduce((a, b) => a + b) / textCount).toFixed(1)} tokens in the mean`);
say(`mix by shape: ${shapes.map((shape, index) => `${named(shape)} ${shares[index]}`).join(', ')}`);
const ofShape = textsOfShapes();
const sample = [...mix.slice(0, 500), ...ofShape.flatMap((texts) => texts.slice(0, 100))];

const reference = await onCpu();
for (const model of models) await atDevice(model);
if (given.json) writeFileSync(given.json, JSON.stringify(results, null, 1));

/** CPU figures, and the float32 vectors of the sample. */
async function onCpu() {
  const cores = availableParallelism();
  for (const [name, model, workers, count] of [
    ['int8', given.int8, 1, 1000],
    ['int8', given.int8, cores, 1000 * cores],
    ['float32', models[0], 1, 200],
    ['float32', models[0], cores, 200 * cores],
  ]) {
    const encoder = await openEncoder(
      { ...settings, model, threads: workers, device: 'cpu' },
      { logger: silentLogger },
    );
    await encoder.encode(mix.slice(0, 20 * workers));
    const texts = mix.slice(0, count);
    note(`cpu, ${name}, ${workers} thread(s), mix`, await rates(encoder, texts));
    if (model === models[0] && workers === cores) {
      const vectors = await encoder.encode(sample);
      await encoder.close();
      return vectors;
    }
    await encoder.close();
  }
  return [];
}

/** Figures of one file at the card. */
async function atDevice(model) {
  const name = model.split('/').at(-1);
  await networkAlone(model, name);
  const logger = { ...silentLogger, info: (message, fields) => say(`${message}: ${JSON.stringify(fields)}`) };
  const open = async (logs = silentLogger) => openEncoder({ ...settings, model, device: 'webgpu' }, { logger: logs });
  const started = performance.now();
  const encoder = await open(logger);
  note(`webgpu, ${name}, open`, { seconds: (performance.now() - started) / 1000 });
  for (const [index, shape] of shapes.entries()) {
    await encoder.encode(ofShape[index].slice(0, shape.rows));
    note(`webgpu, ${name}, encoder, ${named(shape)}`, await rates(encoder, ofShape[index]));
  }
  note(`webgpu, ${name}, encoder, mix`, await rates(encoder, mix));
  const vectors = await encoder.encode(sample);
  const cosines = vectors.map((vector, i) => vector.reduce((sum, value, j) => sum + value * reference[i][j], 0));
  const mean = cosines.reduce((a, b) => a + b) / cosines.length;
  note(`webgpu, ${name}, cosine to the CPU in float32`, { least: Math.min(...cosines), mean, texts: cosines.length });
  const digests = [digest(await encoder.encode(mix))];
  digests.push(digest(await inOrder(encoder, shuffled(mix.map((_, index) => index)))));
  await encoder.close();
  for (const order of [mix.map((_, index) => mix.length - 1 - index), shuffled(mix.map((_, index) => index))]) {
    const other = await open();
    digests.push(digest(await inOrder(other, order)));
    await other.close();
  }
  note(`webgpu, ${name}, same bits`, {
    equal: new Set(digests).size === 1,
    runs: 'in order, shuffled; reversed in a second process; shuffled in a third',
    sha256: digests.map((one) => one.slice(0, 12)).join(' '),
  });
}

/** Full batches through the network in this process, one vector a text read back. */
async function networkAlone(model, name) {
  const network = await openSummingNetwork(model, await checkPlacement(model), onWebgpu());
  for (const shape of shapes) {
    const { rows, tokens } = shape;
    const ids = BigInt64Array.from({ length: rows * tokens }, () => BigInt(1000 + below(20_000)));
    const mask = new BigInt64Array(rows * tokens).fill(1n);
    const batch = { rows, tokens, ids, mask, weights: new Float32Array(rows * tokens).fill(1) };
    const times = [];
    for (let run = 0; run < 3 + 3 * rounds; run++) {
      const start = performance.now();
      await network.run(batch);
      if (run >= 3) times.push((performance.now() - start) / 1000);
    }
    note(`webgpu, ${name}, network alone, ${named(shape)}`, { textsPerSecond: Math.round(rows / median(times)) });
  }
  await network.dispose();
}

/** Vectors in the order of `mix`, asked for in another order, in calls of odd sizes. */
async function inOrder(encoder, order) {
  const vectors = [];
  for (let at = 0; at < order.length;) {
    const some = order.slice(at, (at += 1 + below(3000)));
    const answers = await encoder.encode(some.map((index) => mix[index]));
    some.forEach((index, row) => (vectors[index] = answers[row]));
  }
  return vectors;
}

async function rates(encoder, texts) {
  const measured = [];
  for (let round = 0; round < rounds; round++) {
    const start = performance.now();
    await encoder.encode(texts);
    measured.push((1000 * texts.length) / (performance.now() - start));
  }
  const [least, most] = [Math.min(...measured), Math.max(...measured)].map(Math.round);
  return { textsPerSecond: Math.round(median(measured)), least, most, texts: texts.length };
}

/** For each shape some whole batches of distinct texts. */
function textsOfShapes() {
  return shapes.map((shape, index) => {
    const shortest = (shapes[index - 1]?.tokens ?? 2) + 1;
    const count = Math.min(16 * shape.rows, Math.max(shape.rows, Math.floor(textCount / 4)));
    const wordCount = () => Math.max(1, Math.floor(shortest / 1.4) + below(Math.ceil(shape.tokens / 2)));
    return distinct(
      count,
      () => phrase(wordCount()),
      (text) => shapeIndexOf(shapes, tokenize(text).length) === index,
    );
  });
}

function distinct(count, make, fits = () => true) {
  const found = new Set();
  while (found.size < count) {
    const text = make();
    if (fits(text)) found.add(text);
  }
  return [...found];
}

function phrase(wordCount) {
  return Array.from({ length: wordCount }, () => words[below(words.length)]).join(' ');
}

function wordsOf(texts) {
  return [...new Set(texts.slice(0, 88).flatMap((text) => text.split(' ')))];
}

function shuffled(order) {
  const keys = order.map(() => below(1_000_000_000));
  return [...order].sort((left, right) => keys[left] - keys[right]);
}

function digest(vectors) {
  const hash = createHash('sha256');
  for (const vector of vectors) hash.update(new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength));
  return hash.digest('hex');
}

function seeded(seed) {
  let state = seed;
  return (limit) => (state = (state * 16807) % 2147483647) % limit;
}

function median(values) {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
}

function named({ rows, tokens }) {
  return `${rows}x${tokens}`;
}

function note(what, numbers) {
  results.push({ what, ...numbers });
  say(
    `${what}: ${Object.entries(numbers)
      .map(([key, value]) => `${key} ${value}`)
      .join(', ')}`,
  );
}

function say(line) {
  console.log(line);
}
