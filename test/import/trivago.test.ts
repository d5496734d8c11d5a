import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readEvents } from '../../src/adapters/event-files/index.js';
import type { ImpressionList, Interaction } from '../../src/events/words.js';
import { opaqueId } from '../../src/events/opaque-id.js';
import { importTrivago } from '../../src/import/trivago.js';

const DAY = join(process.env['SLUICE_DATA'] ?? '../shared/data', 'trivago/sessions-2018-11-07.csv.gz');
const HEADER =
  'user_id,session_id,timestamp,step,action_type,reference,platform,city,device,current_filters,impressions,prices';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-trivago-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const events = async (out: string): Promise<{ lists: ImpressionList[]; interactions: Interaction[] }> => {
  const lists: ImpressionList[] = [];
  const interactions: Interaction[] = [];
  const files = readEvents(out);
  for await (const { record } of files.impressions) lists.push(record as unknown as ImpressionList);
  for await (const { record } of files.interactions) interactions.push(record as unknown as Interaction);
  return { lists, interactions };
};
const importRows = async (...rows: string[]) => {
  const log = join(folder, 'log.csv');
  writeFileSync(log, [HEADER, ...rows].join('\n'));
  const summary = await importTrivago(log, join(folder, 'out'));
  return { summary, ...(await events(join(folder, 'out'))) };
};

describe('importing a trivago session log', () => {
  it('a clickout row is the list that was shown and the click 1 ms later', async () => {
    const { lists, interactions } = await importRows(
      'u,s,1541599553,3,clickout item,20,FR,"Marseille, France",tablet,Hotel|Spa,10|20,71|107',
    );
    expect(lists).toEqual([
      {
        requestId: opaqueId('s', '3'),
        eventTimeMs: 1541599553000,
        surface: 'SEARCH',
        sessionId: 's',
        userId: 'u',
        query: 'Marseille, France',
        context: {
          device: 'tablet',
          platform: 'FR',
          city: 'Marseille, France',
          filters: 'Hotel|Spa',
          step: '3',
          actions: '0',
        },
        items: [
          { itemId: '10', position: 1, price: 71, currency: 'EUR' },
          { itemId: '20', position: 2, price: 107, currency: 'EUR' },
        ],
      },
    ]);
    expect(interactions).toEqual([
      {
        interactionId: `${opaqueId('s', '3')}-click`,
        eventTimeMs: 1541599553001,
        type: 'CLICK',
        sessionId: 's',
        userId: 'u',
        itemId: '20',
        requestId: opaqueId('s', '3'),
      },
    ]);
  });

  it('rows of one second keep their order', async () => {
    const row = (step: number): string => `u,s,100,${step},clickout item,1,,,,,1|2,5|6`;
    const { lists, interactions } = await importRows(row(3), row(1), row(2));
    expect(lists.map(({ requestId, eventTimeMs }) => [requestId, eventTimeMs])).toEqual([
      [opaqueId('s', '1'), 100_000],
      [opaqueId('s', '2'), 100_002],
      [opaqueId('s', '3'), 100_004],
    ]);
    expect(interactions.map(({ eventTimeMs }) => eventTimeMs)).toEqual([100_001, 100_003, 100_005]);
  });

  it('a list knows only what its session did before it', async () => {
    const { lists, summary } = await importRows(
      'u,s,100,1,clickout item,1,,,,,1|2,5|6',
      'u,s,101,2,change of sort order,interaction sort button,,,,,,',
      'u,s,102,3,change of sort order,price only,,,,,,',
      'u,s,103,4,search for destination,"Lyon, France",,,,,,',
      'u,s,104,5,search for poi,Opera,,,,,,',
      'u,s,105,6,clickout item,1,,,,,1|2,5|6',
      'u,s,106,7,change of sort order,rating only,,,,,,',
      'u,other,107,1,clickout item,1,,,,,1|2,5|6',
    );
    expect(lists.map(({ context }) => context)).toEqual([
      { step: '1', actions: '0' },
      {
        sort: 'price only',
        destination: 'Lyon, France',
        poi: 'Opera',
        step: '6',
        actions: '5',
        lastAction: 'search for poi',
      },
      { step: '1', actions: '0' },
    ]);
    expect(summary.contextRows).toBe(5);
  });

  it('counts what it cannot use by reason, and keeps clicks outside their list', async () => {
    const { summary, interactions } = await importRows(
      'u,s,100,1,clickout item,9,,,,,1|2,5|6',
      'u,s,101,2,clickout item,1,,,,,,',
      'u,s,x,3,clickout item,1,,,,,1,5',
      'u,s,102,4,search for item,unknown,,,,,,',
      'u,s,103,5,interaction item deals,7,,,,,,',
      'u,s,104',
    );
    expect(summary).toEqual({
      rows: 6,
      lists: 1,
      impressions: 2,
      clicks: 1,
      otherInteractions: 1,
      clicksOutsideList: 1,
      contextRows: 0,
      skippedRows: {
        'timestamp is not whole seconds': 1,
        'clickout item without impressions': 1,
        'search for item without an item': 1,
        'wrong number of columns': 1,
      },
    });
    expect(interactions.map(({ type, itemId, context }) => [type, itemId, context])).toEqual([
      ['CLICK', '9', undefined],
      ['VIEW', '7', { action: 'interaction item deals' }],
    ]);
  });

  it('repeated steps do not share a request id', async () => {
    const row = 'u,s,100,1,clickout item,1,,,,,1|2,5|6';
    const { lists, interactions } = await importRows(row, row);
    expect(lists.map(({ requestId }) => requestId)).toEqual([opaqueId('s', '1'), `${opaqueId('s', '1')}-2`]);
    expect(new Set(interactions.map(({ interactionId }) => interactionId)).size).toBe(2);
  });

  it('refuses another kind of file and leaves nothing behind', async () => {
    const log = join(folder, 'other.csv');
    writeFileSync(log, 'a,b\n1,2\n');
    await expect(importTrivago(log, join(folder, 'out'))).rejects.toMatchObject({ code: 'import-file-invalid' });
    expect(readdirSync(join(folder, 'out'))).toEqual([]);
  });

  it.skipIf(!existsSync(DAY))(
    'the real day gives 156,837 impressions and 6,845 clicks, each on an item of its own list',
    async () => {
      const out = join(folder, 'out');
      const fractions: number[] = [];
      const summary = await importTrivago(DAY, out, (_, fraction) => fractions.push(fraction));
      expect(summary).toMatchObject({
        lists: 6845,
        impressions: 156_837,
        clicks: 6845,
        clicksOutsideList: 0,
      });
      expect(summary.skippedRows).toEqual({ 'interaction item info without an item': 4 });
      expect(fractions.at(-1)).toBe(1);
      const { lists, interactions } = await events(out);
      const shown = new Map(lists.map((list) => [list.requestId, list]));
      expect(shown.size).toBe(6845);
      const clicks = interactions.filter(({ type }) => type === 'CLICK');
      for (const click of clicks) {
        const list = shown.get(click.requestId!)!;
        expect(list.items.some(({ itemId }) => itemId === click.itemId)).toBe(true);
        expect(click.eventTimeMs).toBe(list.eventTimeMs + 1);
      }
      expect(new Set(interactions.map(({ interactionId }) => interactionId)).size).toBe(interactions.length);
      for (const rows of [lists, interactions]) {
        for (let at = 1; at < rows.length; at++)
          expect(rows[at]!.eventTimeMs).toBeGreaterThanOrEqual(rows[at - 1]!.eventTimeMs);
      }
    },
  );
});
