// Fills a vector store until the disk refuses, on files that may not grow. Arguments: store. Prints what it saw as JSON.
import { lmdbVectorStore } from '../../../dist/adapters/lmdb/index.js';

const unhandled = [];
process.on('unhandledRejection', (reason) => unhandled.push(String(reason)));

const vector = (n) => Float32Array.from({ length: 384 }, (_, i) => n + i);
const store = lmdbVectorStore(process.argv[2]);
const refusals = [];
let storedCount = 0;
for (let batch = 0; batch < 100 && refusals.length < 3; batch++) {
  const entries = Array.from({ length: 60 }, (_, i) => [`${batch}/${i}`, vector(60 * batch + i)]);
  try {
    await store.put(entries);
    storedCount += entries.length;
  } catch (error) {
    refusals.push({ code: error.code, message: error.message });
  }
}
const isReadable = Array.from({ length: storedCount }, (_, n) => store.get(`${Math.floor(n / 60)}/${n % 60}`)).every(
  (found, n) => found?.[0] === n,
);
await store.close();
await new Promise((resolve) => setTimeout(resolve, 100));
process.stdout.write(JSON.stringify({ refusals, storedCount, isReadable, unhandled }));
