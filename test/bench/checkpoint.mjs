// What a checkpoint costs: `node test/bench/checkpoint.mjs [items …]`, after `npm run build`. For each count it fills a
// partition's state with that many items and sessions and measures the pause of the capture, the longest stall of the event
// loop while the rest is copied and packed, and what comes out. A busy stream is imitated by touching items meanwhile.
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { createHash32 } from '../../dist/adapters/xxhash/index.js';
import { configSchema } from '../../dist/config/schema.js';
import { captureState, restoreState } from '../../dist/pipeline/checkpoint/capture.js';
import { packCheckpoint, unpackCheckpoint } from '../../dist/pipeline/checkpoint/pack.js';
import { FROM_THE_BEGINNING, Reorder } from '../../dist/pipeline/order/reorder.js';
import { createKeyOf } from '../../dist/pipeline/state/keys.js';
import { emptyStreamState } from '../../dist/pipeline/stream-state.js';

const T0 = 1_700_000_000_000;
const ITEMS_A_LIST = 20;
const DIMENSIONS = 384;
const config = configSchema.parse({ features: { maxSessions: 1_000_000 } });
const keyOf = createKeyOf(await createHash32());
const ms = (since) => performance.now() - since;

function filled(count) {
  const state = emptyStreamState(config, keyOf);
  const { features, join } = state;
  for (let i = 0; i < count; i++) {
    const key = keyOf(`item${i}`);
    const nowMs = T0 + i;
    for (const table of [features.items, features.itemsInQuery]) {
      table.reserve(1);
      table.addShown(table.touch(key, nowMs), 1 + (i % 7));
      if (i % 20 === 0) table.addClick(key, nowMs);
    }
    for (const table of [features.sessions, features.sessionItems]) {
      table.reserve(1);
      table.column('touchedMs')[table.findOrAdd(keyOf(`s${i}`))] = nowMs;
    }
    if (i % 10 === 0) {
      features.people.reserve(1);
      features.people.addShown(features.people.touch(keyOf(`u${i}`), nowMs), 1);
    }
    state.seenImpressions.add(key, nowMs);
    state.seenInteractions.add(key, nowMs);
  }
  const { maxInterestVectors } = config.features;
  for (let i = 0; i < maxInterestVectors; i++) {
    features.interests.rememberItem(
      keyOf(`item${i}`),
      Float32Array.from({ length: DIMENSIONS }, (_, d) => Math.sin(i * 31 + d)),
    );
    features.interests.act(keyOf(`s${i}`), keyOf(`item${i}`));
  }
  const lists = Math.min(10_000, count / ITEMS_A_LIST);
  const keys = new Float64Array(ITEMS_A_LIST);
  for (let i = 0; i < lists; i++) {
    const items = Array.from({ length: ITEMS_A_LIST }, (_, p) => ({
      itemId: `item${i + p}`,
      position: p + 1,
      impressionId: null,
      text: '',
      category: 'hotel',
      price: 10 + p,
      propensity: null,
      attributes: null,
    }));
    items.forEach((_, p) => (keys[p] = keyOf(`r${i}#${p}`)));
    const list = {
      requestId: `r${i}`,
      eventTimeMs: T0 + i,
      surface: 'SEARCH',
      session: keyOf(`s${i}`).toString(16),
      user: null,
      query: 'a hotel by the sea',
      context: { device: 'mobile' },
      items,
    };
    join.openList(list, keyOf(`s${i}`), keyOf(`r${i}`), keys, keys);
  }
  return state;
}

async function measure(count) {
  const state = filled(count);
  const { items } = state.features;
  const reorder = new Reorder(config.join.allowedLatenessMs, FROM_THE_BEGINNING);
  const bytes = () => process.memoryUsage().arrayBuffers / 1e6;
  const bytesBefore = bytes();
  const began = performance.now();
  const cpu = process.cpuUsage();
  const captured = captureState(state, reorder);
  const pauseMs = ms(began);
  const { user, system } = process.cpuUsage(cpu);

  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const packing = performance.now();
  let isPacking = true;
  const packed = packCheckpoint(1, captured).finally(() => (isPacking = false));
  let touches = 0;
  let longestMs = 0;
  while (isPacking) {
    // 200 random items at a time, as a stream would.
    const from = performance.now();
    for (let i = 0; i < 200; i++)
      items.addShown(items.touch(keyOf(`item${(touches++ * 7919) % count}`), T0 + count + touches), 1);
    longestMs = Math.max(longestMs, ms(from));
    await new Promise((resolve) => setImmediate(resolve));
  }
  const { chunks, bytes: packedBytes } = await packed;
  const packMs = ms(packing);
  delay.disable();
  const heldMb = bytes() - bytesBefore;

  const restoring = performance.now();
  const unpacked = await unpackCheckpoint(Buffer.concat(chunks));
  restoreState(unpacked, emptyStreamState(config, keyOf));
  console.log(
    JSON.stringify({
      items: count,
      pauseMs: Number(pauseMs.toFixed(2)),
      pauseCpuMs: Number(((user + system) / 1000).toFixed(2)),
      packMs: Math.round(packMs),
      longestStallMs: Number((delay.max / 1e6).toFixed(1)),
      longestTouchMs: Number(longestMs.toFixed(2)),
      rawMb: Math.round(unpacked.sections.reduce((sum, { values }) => sum + values.byteLength, 0) / 1e6),
      packedMb: Number((packedBytes / 1e6).toFixed(1)),
      chunks: chunks.length,
      extraMemoryMb: Math.round(heldMb),
      loadMs: Math.round(ms(restoring)),
    }),
  );
}

for (const count of process.argv
  .slice(2)
  .map(Number)
  .concat(process.argv.length > 2 ? [] : [100_000, 1_000_000]))
  await measure(count);
