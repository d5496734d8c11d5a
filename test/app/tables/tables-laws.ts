import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeFeatures } from '../../../src/app/describe.js';
import { sendTable } from '../../../src/app/tables/send-table.js';
import { tableRole } from '../../../src/config/topics.js';
import type { NewRecord } from '../../../src/ports/transport.js';
import { type Application, inputFactsOf, type Place, type Row, World } from '../fixture.js';
import { startSluice } from '../process-child.js';

const T0 = Date.UTC(2026, 0, 5);
const ROUNDS = 6;
const LISTS_A_ROUND = 50;
const STEP_MS = 10_000;
const ROUND_MS = LISTS_A_ROUND * STEP_MS;
const ITEMS = 9;
const WINDOW_MS = 60_000;
const LATENESS_MS = 5_000;
/** Longer than the test: the rows give their own times. */
const HISTORY_MS = 10 * 365 * 86_400_000;

interface PriceRow {
  readonly sku: string;
  readonly price: number;
  readonly brand: string;
  readonly at: number;
}

/** Rows of a round: some items change in it, one changes in the round behind it already. */
function rowsOf(round: number): readonly PriceRow[] {
  return Array.from({ length: 12 }, (_, n) => {
    const at = T0 + round * ROUND_MS + ((n * 7_919) % ROUND_MS) + (n === 11 ? ROUND_MS : 0);
    return { sku: `i${(n * 5 + round) % (ITEMS - 1)}`, price: 100 * round + n, brand: `b${(n + round) % 4}`, at };
  });
}

const ALL_ROWS = Array.from({ length: ROUNDS }, (_, round) => rowsOf(round)).flat();
const TIERS = [
  { user: 'u0', tier: 'gold', since: T0 },
  { user: 'u0', tier: 'silver', since: T0 + 2.5 * ROUND_MS },
  { user: 'u1', tier: 'silver', since: T0 },
];

/** What was true of a key at a time, found by looking at all that was ever said. */
function asOf<T>(all: readonly T[], isOf: (row: T) => boolean, timeOf: (row: T) => number, timeMs: number) {
  const said = all.map((row, place) => ({ row, place })).filter(({ row }) => isOf(row) && timeOf(row) <= timeMs);
  return said.sort((a, b) => timeOf(a.row) - timeOf(b.row) || a.place - b.place).at(-1)?.row;
}

function listsOf(round: number): readonly object[] {
  return Array.from({ length: LISTS_A_ROUND }, (_, n) => {
    const list = round * LISTS_A_ROUND + n;
    return {
      requestId: `r${list}`,
      eventTimeMs: T0 + list * STEP_MS,
      surface: 'SEARCH',
      sessionId: `s${list % 5}`,
      userId: `u${list % 3}`,
      items: [0, 1, 2].map((place) => ({ itemId: `i${(list + place) % ITEMS}`, position: place + 1 })),
    };
  });
}

/** A click on the first or second item of every list; without events of both inputs the watermark stands. */
function clicksOf(round: number): readonly object[] {
  return Array.from({ length: LISTS_A_ROUND }, (_, n) => {
    const list = round * LISTS_A_ROUND + n;
    return {
      interactionId: `c${list}`,
      eventTimeMs: T0 + list * STEP_MS + 1_000,
      type: 'CLICK',
      sessionId: `s${list % 5}`,
      requestId: `r${list}`,
      itemId: `i${(list + (list % 2)) % ITEMS}`,
    };
  });
}

const ROUND_NUMBERS = Array.from({ length: ROUNDS }, (_, round) => round);

/** A table that changes while the stream runs, on any transport. */
export function tablesLaws(title: string, place: Place, makeTopic: (name: string) => Promise<void>): void {
  describe(`tables on ${title}`, { timeout: 300_000 }, () => {
    const world = new World(place, {
      join: { attributionWindowMs: WINDOW_MS, allowedLatenessMs: LATENESS_MS, idleTimeoutMs: 3_600_000 },
      features: {
        declared: [
          { name: 'shopPrice', from: 'tables.shop.price', kind: 'number' },
          { name: 'shopBrand', from: 'tables.shop.brand', kind: 'category', shown: true },
        ],
      },
      output: { carry: ['tables.shop.brand', 'items.itemId', 'tables.people.tier'] },
      selection: { scorer: 'uniform', budget: 1, auditFraction: 0.2 },
      batch: { commitEveryMs: 0, lingerMs: 0 },
      state: { checkpointEveryMs: 300 },
      // A start reads again what was read since the last checkpoint.
      drain: { checkpointBytes: 1 },
    });
    const tiers = join(world.folder, 'tiers.ndjson');
    afterAll(() => world.remove());

    async function application(): Promise<Application> {
      const topic = `shop-${Math.random().toString(36).slice(2)}`;
      await makeTopic(topic);
      return world.application({
        tables: [
          { name: 'shop', from: { topic }, rowKey: 'sku', time: 'at', lateMs: HISTORY_MS },
          { name: 'people', from: { file: tiers }, key: 'user', rowKey: 'user', time: 'since' },
        ],
      });
    }

    const write = (to: Application, rows: readonly PriceRow[]): Promise<void> =>
      to.withTransport((transport) =>
        transport.append(
          rows.map((row): NewRecord => {
            const value = Buffer.from(JSON.stringify(row));
            return { topic: tableRole('shop'), key: Buffer.from(row.sku), value, partition: 0 };
          }),
        ),
      );

    let killed: Application;
    let unbroken: Application;
    let columns: readonly string[];

    /** A live run in a process of its own, killed once so many samples are out. */
    async function killedAfter(samples: number): Promise<void> {
      const config = join(world.folder, `${killed.config.application}.yaml`);
      writeFileSync(config, JSON.stringify(killed.config));
      const child = startSluice(['run', '--config', config, '--log-level', 'warn']);
      try {
        while ((await killed.samples()).size < samples) await Promise.race([pause(), failed(child.ended)]);
      } finally {
        child.signal('SIGKILL');
        await child.ended;
      }
    }

    beforeAll(async () => {
      writeFileSync(tiers, TIERS.map((tier) => `${JSON.stringify(tier)}\n`).join(''));
      killed = await application();
      // How many samples are closed when the last list of a round is read.
      const closedBy = (round: number): number =>
        3 * ((round + 1) * LISTS_A_ROUND - 1 - Math.ceil((WINDOW_MS + LATENESS_MS) / STEP_MS));
      for (let round = 0; round < ROUNDS; round++) {
        await write(killed, rowsOf(round));
        await killed.send(world.events(listsOf(round), clicksOf(round)));
        if (round < ROUNDS - 1) await killedAfter(closedBy(round) - 30 * (round % 3));
      }
      await killed.runToEnd();
      unbroken = await application();
      const file = join(world.folder, 'rows.ndjson');
      writeFileSync(file, ALL_ROWS.map((row) => `${JSON.stringify(row)}\n`).join(''));
      const [shop] = unbroken.config.tables;
      expect(await unbroken.withTransport((transport) => sendTable(shop!, file, transport))).toBe(ALL_ROWS.length);
      await unbroken.runToEnd(world.events(ROUND_NUMBERS.flatMap(listsOf), ROUND_NUMBERS.flatMap(clicksOf)));
      columns = (await describeFeatures(killed.config)).columns.map(({ name }) => name);
    });

    it('give every sample the row of its own time, while they change and the process is killed', async () => {
      const samples = await killed.samples();
      expect(samples.size).toBe(3 * ROUNDS * LISTS_A_ROUND);
      const found = [...samples.values()].map((sample) => seen(sample));
      const expected = [...samples.values()].map((sample) => known(sample));
      expect(found).toEqual(expected);
      // The table did change, and one item has no row.
      expect(new Set(expected.map(({ price }) => price)).size).toBeGreaterThan(40);
      expect(expected.some(({ price }) => price === null)).toBe(true);
      expect(new Set(expected.map(({ tier }) => tier))).toEqual(new Set(['gold', 'silver', null]));
    });

    it('give the same samples to the bit, whether it was killed or never stopped', async () => {
      expect(inputFactsOf(await killed.samples())).toEqual(inputFactsOf(await unbroken.samples()));
      const missing = { table: 'shop', outcome: 'missing' };
      expect(unbroken.metrics.total('sluice_table_lookups_total', missing)).toBeGreaterThan(0);
    });

    interface Facts {
      readonly price: number | null;
      readonly brand: unknown;
      readonly tier: unknown;
    }

    function seen({ features, ...sample }: Row): Facts {
      const carried = sample['carried'] as Readonly<Record<string, unknown>>;
      return {
        price: features[columns.indexOf('shopPrice')]!,
        brand: carried['tables.shop.brand'],
        tier: carried['tables.people.tier'],
      };
    }

    function known(sample: Row): Facts {
      const timeMs = Number(sample['eventTimeMs']);
      const list = Number(/^r(\d+)#/.exec(sample.sampleId)![1]);
      const row = asOf(
        ALL_ROWS,
        ({ sku }) => sku === sample['itemId'],
        ({ at }) => at,
        timeMs,
      );
      const tier = asOf(
        TIERS,
        ({ user }) => user === `u${list % 3}`,
        ({ since }) => since,
        timeMs,
      );
      return { price: row?.price ?? null, brand: row?.brand ?? null, tier: tier?.tier ?? null };
    }
  });
}

const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 100));

async function failed(ended: ReturnType<typeof startSluice>['ended']): Promise<void> {
  const { status, stderr } = await ended;
  throw new Error(`ended with ${status}: ${stderr}`);
}
