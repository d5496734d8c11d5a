// A second process on a store. Arguments: store, what to do, count. It says what happened by messages.
import { lmdbTransport } from '../../../dist/adapters/lmdb/index.js';
import { silentLogger } from '../../../dist/adapters/memory/index.js';
import { systemClock } from '../../../dist/adapters/system/index.js';
import { configSchema } from '../../../dist/config/schema.js';

const [path, action, count = '0'] = process.argv.slice(2);
const { topics, transport } = configSchema.parse({ transport: { path } });
const own = lmdbTransport({ application: 'app', topics, transport, clock: systemClock, logger: silentLogger });
await own.prepare();

const record = (topic, text) => ({ topic, key: null, value: Buffer.from(text), partition: 0 });

async function joined() {
  let give;
  const lease = new Promise((resolve) => (give = resolve));
  await own.join({
    assigned: (given) => {
      give(given);
      return new Promise((resolve) => given.signal.addEventListener('abort', () => resolve()));
    },
    failed: (error) => process.send({ failed: error.code }),
  });
  return lease;
}

if (action === 'append') {
  await own.append(Array.from({ length: Number(count) }, (_, i) => record('impressions', `${i}`.padEnd(10_000, '.'))));
  process.send('appended');
  await own.close();
  process.disconnect();
}

if (action === 'hold') {
  await joined();
  process.send('joined');
}

// Commits for ever: output i and progress i in one transaction, and says each number once it stands.
if (action === 'commit') {
  const lease = await joined();
  for (let i = 1; ; i++) {
    const records = Array.from({ length: 20 }, (_, j) => record('training', `${i}/${j}`.padEnd(3_000, '.')));
    await lease.commit({ records, offsets: { impressions: i, interactions: i }, progress: String(i) });
    process.send(i);
    await new Promise((resolve) => setImmediate(resolve));
  }
}
