/**
 * Scenario `encoder`: texts/s of the built encoder beside onnxruntime for Python on the same file and texts, one text a
 * run on both sides, rounds interleaved, medians of five. Seeded; needs `npm run build`, and for the comparison a Python
 * with numpy, onnxruntime and tokenizers (SLUICE_PYTHON, default python3). Usage: node test/bench/encoder.mjs [texts]
 */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { configSchema } from '../../dist/config/schema.js';
import { openEncoder } from '../../dist/adapters/onnx/encoder/index.js';
import { builtInPath } from '../../dist/adapters/onnx/encoder/built-in.js';
import { openNetwork, textAlone } from '../../dist/adapters/onnx/encoder/network.js';
import { openTokenizer } from '../../dist/adapters/onnx/encoder/tokenize.js';
import { silentLogger } from '../../dist/adapters/memory/index.js';

const ROUNDS = 5;
const THREADS = [1, 2];
const textCount = Number(process.argv[2] ?? 1500);
const settings = configSchema.parse({}).encoder;
const texts = seededTexts(textCount);
const tokenize = openTokenizer(builtInPath('builtin-en', 'tokenizer'), settings.maxTokens);
const tokenCounts = texts.map((text) => tokenize(text).length);
console.log(
  `${textCount} distinct texts, ${(tokenCounts.reduce((a, b) => a + b) / textCount).toFixed(1)} tokens in the mean, Node ${process.version}`,
);

await parts();
const encoders = new Map();
for (const threads of THREADS)
  encoders.set(threads, await openEncoder({ ...settings, threads }, { logger: silentLogger }));
for (const encoder of encoders.values()) await encoder.encode(texts.slice(0, 100));
const python = await startPython();
const seconds = new Map();
for (let round = 0; round < ROUNDS; round++) {
  for (const threads of THREADS) {
    const start = performance.now();
    await encoders.get(threads).encode(texts);
    note(`Sluice, ${threads} thread(s)`, (performance.now() - start) / 1000);
    if (python) note(`Python, ${threads} thread(s)`, (await python.ask(String(threads))).seconds);
  }
}
for (const [name, measured] of [...seconds].sort()) {
  const rates = measured.map((one) => textCount / one);
  console.log(
    `${name}: ${median(rates).toFixed(0)} texts/s (${Math.min(...rates).toFixed(0)} to ${Math.max(...rates).toFixed(0)})`,
  );
}
await delay();
if (python) {
  const theirs = await python.ask('vectors');
  const ours = await encoders.get(2).encode(texts);
  const cosines = ours.map((vector, i) => vector.reduce((sum, value, j) => sum + value * theirs[i][j], 0));
  console.log(
    `cosine to Python on the same file: ${Math.min(...cosines).toFixed(6)} at least (onnxruntime ${python.version} there)`,
  );
  python.end();
}
for (const encoder of encoders.values()) await encoder.close();

/** Where one text's time goes, on one thread, without messages. */
async function parts() {
  const network = await openNetwork(builtInPath('builtin-en', 'model'));
  const ids = texts.map(tokenize);
  for (const some of ids.slice(0, 100)) await network.run(textAlone(some));
  let start = performance.now();
  texts.forEach(tokenize);
  console.log(`tokenizer alone: ${(((performance.now() - start) * 1000) / textCount).toFixed(1)} µs a text`);
  const times = [];
  for (const some of ids) {
    start = performance.now();
    await network.run(textAlone(some));
    times.push((performance.now() - start) * 1000);
  }
  times.sort((a, b) => a - b);
  console.log(
    `network alone: ${median(times).toFixed(0)} µs a text in the median, ${times[Math.floor(0.99 * textCount)].toFixed(0)} µs at the 99th percentile`,
  );
}

/** How long the event loop is held while the workers are busy. */
async function delay() {
  const before = performance.eventLoopUtilization();
  await encoders.get(2).encode(texts);
  const { utilization } = performance.eventLoopUtilization(before);
  console.log(`event loop busy while encoding on 2 threads: ${(100 * utilization).toFixed(1)} %`);
}

async function startPython() {
  const child = spawn(
    process.env.SLUICE_PYTHON ?? 'python3',
    [fileURLToPath(new URL('./encoder_python.py', import.meta.url))],
    {
      stdio: ['pipe', 'pipe', 'pipe'],
    },
  );
  let complaint = '';
  child.stderr.on('data', (chunk) => (complaint += chunk));
  child.stdin.on('error', () => undefined);
  child.on('error', (error) => (complaint += error.message));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ask = async (line) => {
    child.stdin.write(`${line}\n`);
    const { value } = await lines.next();
    return value === undefined ? undefined : JSON.parse(value);
  };
  const setup = {
    model: builtInPath('builtin-en', 'model'),
    tokenizer: builtInPath('builtin-en', 'tokenizer'),
    maxTokens: settings.maxTokens,
    threads: Math.max(...THREADS),
    texts,
  };
  const hello = await ask(JSON.stringify(setup));
  if (hello === undefined) {
    console.log(`no comparison: ${complaint.trim().split('\n').at(-1)}`);
    return undefined;
  }
  return { ask, version: hello.onnxruntime, end: () => child.stdin.end() };
}

/** Distinct phrases of 4 to 12 words, the words of the reference texts. */
function seededTexts(count) {
  const sources = JSON.parse(readFileSync(new URL('../fixtures/encoder-texts.json', import.meta.url), 'utf8'));
  const words = [...new Set(sources.slice(0, 88).flatMap((text) => text.split(' ')))];
  let state = 1;
  const below = (limit) => (state = (state * 16807) % 2147483647) % limit;
  const found = new Set();
  while (found.size < count)
    found.add(Array.from({ length: 4 + below(9) }, () => words[below(words.length)]).join(' '));
  return [...found];
}

function note(name, value) {
  if (!seconds.has(name)) seconds.set(name, []);
  seconds.get(name).push(value);
}

function median(values) {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
}
