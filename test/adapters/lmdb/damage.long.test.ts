import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkStore, lmdbVectorStore } from '../../../src/adapters/lmdb/index.js';
import { LmdbStore } from '../../../src/adapters/lmdb/lmdb-store.js';
import { seededRandom } from '../../../src/learn/learners/random.js';

const CHILD = fileURLToPath(new URL('./damage-child.mjs', import.meta.url));
const KEYS = Array.from({ length: 200 }, (_, index) => `text ${index}`);
const vectorOf = (index: number): Float32Array => Float32Array.from({ length: 16 }, (_, at) => index + at / 16);

let folder: string;
let whole: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-damage-'));
  const store = new LmdbStore(join(folder, 'store'));
  store.write(() => {
    for (const name of ['inputs', 'outputs']) store.createTopic(name, { partitions: 1, compacted: name === 'outputs' });
    store.putFact('place', '17');
  });
  for (let batch = 0; batch < 20; batch++) {
    store.write(() => {
      for (let i = 0; i < 50; i++) {
        const key = Buffer.from(`key ${(batch * 50 + i) % 300}`);
        const value = Buffer.alloc(20 + ((i * 37) % 400) + (i === 7 ? 20_000 : 0), batch * 50 + i);
        for (const topic of ['inputs', 'outputs'] as const)
          store.append(topic, 0, { topic: 'audit', key, value, headers: { i: String(i) } }, 1_000 + batch);
      }
    });
  }
  await store.flush();
  await store.close();
  const vectors = lmdbVectorStore(join(folder, 'vectors'));
  await vectors.put(KEYS.map((key, index) => [key, vectorOf(index)] as const));
  await vectors.close();
  whole = read('store').stdout;
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function read(name: string, ...rest: string[]): { stdout: string; status: number | null; signal: string | null } {
  const { stdout, status, signal } = spawnSync(process.execPath, [CHILD, join(folder, name), ...rest], {
    encoding: 'utf8',
    timeout: 600_000,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return { stdout, status, signal };
}

/** A copy of a store, some bytes of its file changed. */
function damaged(name: string, seed: number, byteCount: number): string {
  const copy = `${name}-${seed}-${byteCount}`;
  cpSync(join(folder, name), join(folder, copy), { recursive: true });
  const path = join(folder, copy, 'data.mdb');
  const bytes = readFileSync(path);
  const random = seededRandom(seed);
  // What the head of the file says is another check.
  const from = 8_192 + Math.floor(random() * (bytes.length - 8_192));
  for (let at = from; at < Math.min(bytes.length, from + byteCount); at++)
    bytes[at] = bytes[at]! ^ (1 + Math.floor(random() * 255));
  writeFileSync(path, bytes);
  return copy;
}

const TRIALS = Array.from({ length: 12 }, (_, seed) => seed);

describe('a damaged store', () => {
  it.each(TRIALS)('one changed byte is found or changes nothing (seed %i)', (seed) => {
    const { stdout, status } = read(damaged('store', seed, 1));
    expect([whole, 'store-damaged', 'file-unreadable']).toContain(stdout);
    expect(status).toBe(0);
  });

  it.each(TRIALS)('noise of 8 kB is a clear error or changes nothing, and never ends the process (seed %i)', (seed) => {
    const { stdout, status, signal } = read(damaged('store', seed, 8_192));
    expect(signal).toBeNull();
    expect([whole, 'store-damaged', 'file-unreadable']).toContain(stdout);
    expect(status).toBe(0);
  });

  it('every byte of a record and of its place counts', async () => {
    const path = join(folder, 'store', 'data.mdb');
    const bytes = readFileSync(path);
    const at = bytes.indexOf(Buffer.from('key 123'));
    const copy = join(folder, 'one-key');
    cpSync(join(folder, 'store'), copy, { recursive: true });
    bytes[at + 4] = bytes[at + 4]! ^ 1;
    writeFileSync(join(copy, 'data.mdb'), bytes);
    const { faults } = await checkStore(copy, () => {});
    expect(faults).toEqual([
      expect.stringMatching(/^the record of (inputs|outputs), partition 0, offset \d+ does not match/),
    ]);
  });

  it('a whole store is called whole, with all its records', async () => {
    expect(await checkStore(join(folder, 'store'), () => {})).toEqual({
      topics: [
        { name: 'inputs', partitions: 1, records: 1_000 },
        { name: 'outputs', partitions: 1, records: 300 },
      ],
      faults: [],
      hasChecksums: true,
    });
  });

  it.each(TRIALS.slice(0, 6))('a damaged vector cache gives right vectors or none (seed %i)', (seed) => {
    for (const byteCount of [1, 8_192]) {
      const { stdout, status } = read(damaged('vectors', seed, byteCount), 'vectors', ...KEYS);
      expect(status).toBe(0);
      (JSON.parse(stdout) as (number[] | null)[]).forEach((vector, index) => {
        if (vector !== null) expect(vector).toEqual([...vectorOf(index)]);
      });
    }
  });
});

describe('files of a store', () => {
  it('are for their owner alone', () => {
    for (const name of ['store', 'vectors']) {
      for (const file of ['data.mdb', 'lock.mdb']) expect(statSync(join(folder, name, file)).mode & 0o777).toBe(0o600);
      expect(statSync(join(folder, name)).mode & 0o777).toBe(0o700);
    }
  });
});
