// What a checkpoint costs: `node test/bench/checkpoint.mjs [items …]`, after `npm run build`. For each count it shows the
// state of a partition that many items, 20 a list and a session, and measures the pause of the capture, the longest stall of
// the event loop while the rest is copied and packed, and what comes out. A busy stream is imitated by more lists meanwhile.
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
const OPEN_LISTS = 10_000;
const config = configSchema.parse({ features: { maxSessions: 1_000_000 } });
const keyOf = createKeyOf(await createHash32());
const ms = (since) => performance.now() - since;
const vector = Float32Array.from({ length: DIMENSIONS }, (_, d) => Math.sin(d));

/** List i of a log: its own items, a session and a person for a while, one of a thousand queries. */
function listOf(i, firstItem = i * ITEMS_A_LIST) {
  return {
    requestId: `r${i}`,
    eventTimeMs: T0 + i,
    surface: 'SEARCH',
    session: `s${i}`,
    user: i % 10 === 0 ? `u${i}` : null,
    query: `a hotel by the sea ${i % 1_000}`,
    context: { device: 'mobile' },
    items: Array.from({ length: ITEMS_A_LIST }, (_, p) => ({
      itemId: `item${firstItem + p}`,
      position: p + 1,
      impressionId: null,
      text: '',
      category: 'hotel',
      price: 10 + p,
      propensity: null,
      attributes: null,
    })),
  };
}

/** Shows a list as the stream does, its first item acted on; the newest stay open. */
function show({ features, join, conduct }, list, isOpen) {
  const { eventTimeMs, requestId, session } = list;
  features.locate(list, eventTimeMs, () => vector);
  features.shown(list, eventTimeMs);
  conduct.show(features.session, list.items.length, eventTimeMs);
  const keys = Float64Array.from(list.items, (_, p) => keyOf(`${requestId}#${p}`));
  const shown = features.retained(list, keys);
  if (isOpen) join.openList(shown, features.session, keyOf(requestId), { items: features.itemKeys, impressions: keys });
  const click = {
    interactionId: `c${requestId}`,
    eventTimeMs,
    type: 'CLICK',
    session,
    user: list.user,
    itemId: list.items[0].itemId,
  };
  const whole = { ...click, requestId, impressionId: null, value: 0, dwellMs: null };
  features.acted(whole, { list: shown, index: 0 }, true, eventTimeMs);
  features.clicked(shown, 0, eventTimeMs);
}

function filled(count) {
  const state = emptyStreamState(config, keyOf);
  const lists = count / ITEMS_A_LIST;
  for (let i = 0; i < lists; i++) show(state, listOf(i), i >= lists - OPEN_LISTS);
  for (let i = 0; i < count; i++) {
    state.seenImpressions.add(keyOf(`item${i}`), T0 + i);
    state.seenInteractions.add(keyOf(`click${i}`), T0 + i);
  }
  return state;
}

async function measure(count) {
  const state = filled(count);
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
    // Ten lists of items from anywhere, as a stream would.
    const from = performance.now();
    for (let i = 0; i < 10; i++, touches++) show(state, listOf(count + touches, (touches * 7919) % count), false);
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
