import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { importMapped, type MappedSummary } from '../../src/import/index.js';

let dir = '';
beforeEach(() => void (dir = mkdtempSync(join(tmpdir(), 'sluice-mistakes-'))));
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const HEAD = 'requestId: request\n  sessionId: session\n  eventTimeMs: time\n  surface: SEARCH';
function imported(name: string, log: string, mapping: string, out = 'ev'): Promise<MappedSummary> {
  writeFileSync(join(dir, name), log);
  writeFileSync(join(dir, 'm.yaml'), mapping);
  return importMapped(join(dir, name), join(dir, 'm.yaml'), join(dir, out));
}
const clicked = (): unknown[] =>
  readFileSync(join(dir, 'ev', 'interactions.ndjson'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { requestId: string; itemId: string })
    .map(({ requestId, itemId }) => `${requestId}:${itemId}`);

describe('a list of clicked ids is as many clicks', () => {
  const shown = `impressions:\n  shape: row-per-list\n  ${HEAD}\n  items: { itemId: `;

  it('in a split cell', async () => {
    await imported(
      'log.csv',
      'time,request,session,shown,clicked\n1541599523,r1,s1,a|b|c,a|c\n1541599623,r2,s2,a|d,d\n',
      `${shown}{ column: shown, split: "|" } }\ninteractions:\n  - { when: { column: clicked, present: true }, type: CLICK, itemId: { column: clicked, split: "|" } }\n`,
    );
    expect(clicked()).toEqual(['r1:a', 'r1:c', 'r2:d']);
  });

  it('in a JSON array, in NDJSON and in a CSV cell', async () => {
    const rules = 'interactions:\n  - { type: CLICK, itemId: clicked }\n';
    await imported(
      'log.ndjson',
      '{"time":1541599523,"request":"r1","session":"s1","shown":["a","b","c"],"clicked":["a","c"]}\n',
      `${shown}shown }\n${rules}`,
    );
    expect(clicked()).toEqual(['r1:a', 'r1:c']);
    rmSync(join(dir, 'ev'), { recursive: true });
    const summary = await imported(
      'log.csv',
      'time,request,session,shown,clicked\n1541599523,r1,s1,"[""a"", ""b""]","[""b""]"\n',
      `${shown}shown }\n${rules}`,
    );
    expect(clicked()).toEqual(['r1:b']);
    expect(summary.impressions).toBe(2);
  });
});

describe('a mistake in a mapping ends with the right word', () => {
  const LOG = 'time,request,session,item,pos,clicked,price\n1541599523,r1,s1,a,1,1,9.9\n';
  const mapping = (price: string, click: string, time = 'time'): string =>
    `impressions:\n  shape: row-per-impression\n  ${HEAD.replace('eventTimeMs: time', `eventTimeMs: ${time}`)}\n  items: { itemId: item, position: pos, price: ${price} }\ninteractions:\n  - { when: { column: ${click}, equals: 1 }, type: CLICK }\n`;

  it('a column that the log does not have, with the nearest name and the row', async () => {
    await expect(imported('log.csv', LOG, mapping('pricee', 'clickd'))).rejects.toMatchObject({
      code: 'mapping-invalid',
      message: expect.stringMatching(/"pricee".*price.*"clickd".*clicked.*row 1 is .*clicked="1"/s) as string,
    });
  });

  it('an import where nothing came out, with the reasons; and it writes nothing', async () => {
    await expect(imported('log.csv', LOG, mapping('price', 'clicked', 'session'))).rejects.toMatchObject({
      code: 'import-file-invalid',
      message: expect.stringContaining('eventTimeMs') as string,
    });
    expect(() => readFileSync(join(dir, 'ev', 'impressions.ndjson'))).toThrow();
  });

  it('a folder that holds events already, which stay', async () => {
    await imported('log.csv', LOG, mapping('price', 'clicked'));
    const before = readFileSync(join(dir, 'ev', 'impressions.ndjson'), 'utf8');
    await expect(imported('log2.csv', LOG.replace('r1', 'r2'), mapping('price', 'clicked'))).rejects.toThrow(
      /holds events already/,
    );
    expect(readFileSync(join(dir, 'ev', 'impressions.ndjson'), 'utf8')).toBe(before);
  });
});
