// Reads every record of a store and prints them as one digest, or the error's code; whatever the library does to a process
// that opens a damaged file, it does to this one.
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { LmdbStore } from '../../../dist/adapters/lmdb/lmdb-store.js';
import { lmdbVectorStore } from '../../../dist/adapters/lmdb/index.js';

const [, , path, kind, ...keys] = process.argv;
if (!existsSync(path)) throw new Error('no such folder');
try {
  const digest = createHash('sha256');
  if (kind === 'vectors') {
    const store = lmdbVectorStore(path);
    const found = keys.map((key) => store.get(key));
    await store.close();
    // A lost vector is made anew; a wrong one is a fault.
    process.stdout.write(JSON.stringify(found.map((vector) => (vector ? [...vector] : null))));
  } else {
    const store = new LmdbStore(path);
    for (const name of ['inputs', 'outputs']) {
      for (let from = 0; ;) {
        const { records, nextOffset, endOffset } = store.read(name, 0, from, 65_536);
        for (const { offset, key, value, timestampMs, headers } of records)
          digest
            .update(JSON.stringify([offset, timestampMs, headers]))
            .update(key)
            .update(value);
        if (nextOffset >= endOffset) break;
        from = nextOffset;
      }
    }
    digest.update(String(store.fact('place')));
    await store.close();
    process.stdout.write(digest.digest('hex'));
  }
} catch (error) {
  if (error.code === undefined) throw error;
  process.stdout.write(error.code);
}
