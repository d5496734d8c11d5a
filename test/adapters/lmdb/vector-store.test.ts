import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lmdbVectorStore, type VectorStoreOptions } from '../../../src/adapters/lmdb/index.js';
import { RecordingLogger } from '../../../src/adapters/memory/index.js';
import type { VectorStore } from '../../../src/ports/vector-store.js';

let folder: string;
let opened: VectorStore[];
const open = (options: VectorStoreOptions = {}) => {
  const store = lmdbVectorStore(join(folder, 'vectors'), options);
  opened.push(store);
  return store;
};
const vectorOf = (n: number) => Float32Array.from({ length: 384 }, (_, i) => Math.sin(n * 384 + i));

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-vectors-'));
  opened = [];
});
afterEach(async () => {
  await Promise.all(opened.map((store) => store.close()));
  await rm(folder, { recursive: true });
});

describe('vector store', () => {
  it('gives back the very numbers, also after a reopening', async () => {
    const store = open();
    const odd = Float32Array.from([0, -0, 1e-40, 3.4e38, -1 / 3]);
    await store.put([
      ['query: é', odd],
      ['other', vectorOf(1)],
    ]);
    expect(store.get('query: é')).toEqual(odd);
    await store.close();
    const again = open();
    expect(again.get('query: é')).toEqual(odd);
    expect(again.get('other')).toEqual(vectorOf(1));
    expect(again.get('query: e')).toBeUndefined();
  });

  it('takes texts of any length as keys', async () => {
    const store = open();
    const long = 'x'.repeat(100_000);
    await store.put([
      [long, vectorOf(1)],
      [`${long}y`, vectorOf(2)],
      ['', vectorOf(3)],
    ]);
    expect([store.get(long), store.get(`${long}y`), store.get('')]).toEqual([vectorOf(1), vectorOf(2), vectorOf(3)]);
  });

  it('a vector given back is a copy', async () => {
    const store = open();
    await store.put([['a', vectorOf(1)]]);
    store.get('a')!.fill(0);
    expect(store.get('a')).toEqual(vectorOf(1));
  });

  it('holds no more than its bound, keeps the newest half and what is used', async () => {
    const store = open({ maxVectors: 100 });
    await store.put([['used', vectorOf(0)]]);
    for (let n = 1; n <= 400; n++) {
      await store.put([[`text ${n}`, vectorOf(n)]]);
      expect(store.get('used')).toEqual(vectorOf(0));
    }
    const held = Array.from({ length: 400 }, (_, i) => i + 1).filter((n) => store.get(`text ${n}`) !== undefined);
    expect(held.length).toBeLessThanOrEqual(100);
    for (let n = 360; n <= 400; n++) expect(store.get(`text ${n}`)).toEqual(vectorOf(n));
  });

  it('puts at the same time keep to the bound and lose nothing new', async () => {
    const store = open({ maxVectors: 200 });
    for (let round = 0; round < 20; round++) {
      const batches = [0, 1, 2, 3].map((b) =>
        Array.from({ length: 5 }, (_, i) => [`${round}/${b}/${i}`, vectorOf(i)] as const),
      );
      await Promise.all(batches.map((batch) => store.put(batch)));
      for (const [key, vector] of batches.flat()) expect(store.get(key)).toEqual(vector);
    }
    const keys = Array.from({ length: 400 }, (_, n) => `${Math.floor(n / 20)}/${Math.floor(n / 5) % 4}/${n % 5}`);
    expect(keys.filter((key) => store.get(key)).length).toBeLessThanOrEqual(240);
  });

  it('a damaged file is put aside with a warning, and what else lies in the folder stays', async () => {
    await mkdir(join(folder, 'vectors'));
    await writeFile(join(folder, 'vectors', 'mine.txt'), 'mine');
    await writeFile(join(folder, 'vectors', 'data.mdb'), Buffer.alloc(65_536, 'garbage'));
    const logger = new RecordingLogger();
    const store = open({ logger });
    expect(logger.messages('warn')).toHaveLength(1);
    await store.put([['a', vectorOf(1)]]);
    expect(store.get('a')).toEqual(vectorOf(1));
    expect(await readFile(join(folder, 'vectors', 'mine.txt'), 'utf8')).toBe('mine');
    expect(await readFile(join(folder, 'vectors', 'data.mdb.damaged'))).toEqual(Buffer.alloc(65_536, 'garbage'));
  });

  it.each([
    ['a file', async (path: string) => writeFile(path, 'mine')],
    [
      'a folder with a folder in the place of the file',
      async (path: string) => mkdir(join(path, 'data.mdb', 'mine'), { recursive: true }),
    ],
  ])('%s is refused and stays', async (_, make) => {
    const path = join(folder, 'vectors');
    await make(path);
    const before = await readdir(folder, { recursive: true });
    expect(() => open()).toThrow(expect.objectContaining({ code: 'file-unreadable' }) as Error);
    expect(await readdir(folder, { recursive: true })).toEqual(before);
  });

  // A limit on the size of files stands for a full disk; Windows has none.
  it.skipIf(process.platform === 'win32')(
    'a disk that refuses rejects the put and nothing else: what was stored stays readable, and it closes',
    async () => {
      const child = fileURLToPath(new URL('full-disk-child.mjs', import.meta.url));
      const limited = ['-c', 'ulimit -f 4096; exec "$0" "$@"', process.execPath, child, join(folder, 'vectors')];
      const { stdout } = await promisify(execFile)('sh', limited);
      const seen = JSON.parse(stdout) as Record<string, unknown>;
      expect(seen).toMatchObject({ isReadable: true, unhandled: [] });
      expect(seen['storedCount']).toBeGreaterThan(0);
      expect(seen['refusals']).toHaveLength(3);
      for (const refusal of seen['refusals'] as unknown[])
        expect(refusal).toMatchObject({ code: expect.stringMatching(/^store-(full|failed)$/) as string });
    },
  );
});
