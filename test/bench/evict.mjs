// What a full table costs: `node test/bench/evict.mjs`, after `npm run build`. Fills a table of a million keys, adds half a
// million more, each in the place of one touched longest ago, and prints the longest single addition and the mean.
import { performance } from 'node:perf_hooks';
import { KeyTable } from '../../dist/pipeline/state/key-table.js';

const ENTRIES = 1_000_000;
const ITEM_COLUMNS = [
  'touchedMs',
  'shownShort',
  'shownLong',
  'clickedShort',
  'clickedLong',
  'firstMs',
  'acted',
  'averagePosition',
  'averagePrice',
  'windowStartMs',
  'windowShown',
  'windowClicked',
  'previousShown',
  'previousClicked',
];

for (const columns of [ITEM_COLUMNS, ITEM_COLUMNS.slice(0, 5)]) {
  const table = new KeyTable(columns, 'touchedMs', ENTRIES);
  let random = 12_345;
  let nowMs = 1_700_000_000_000;
  const add = () => {
    table.reserve(1);
    random = (Math.imul(random, 1_103_515_245) + 12_345) >>> 0;
    table.column('touchedMs')[table.findOrAdd(random * 1_048_576 + (nowMs % 1_048_576))] = nowMs++;
  };
  for (let i = 0; i < ENTRIES; i++) add();
  let longestMs = 0;
  const cpuBefore = process.cpuUsage();
  for (let i = 0; i < ENTRIES / 2; i++) {
    const from = performance.now();
    add();
    longestMs = Math.max(longestMs, performance.now() - from);
  }
  const { user, system } = process.cpuUsage(cpuBefore);
  console.log(
    JSON.stringify({
      columns: columns.length,
      longestMs: Number(longestMs.toFixed(1)),
      cpuMicrosecondsAKey: Number(((2 * (user + system)) / ENTRIES).toFixed(2)),
    }),
  );
}
