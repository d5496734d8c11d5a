import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { importMapped, type MappedSummary } from '../../src/import/import-mapped.js';

let dir = '';
beforeEach(() => void (dir = mkdtempSync(join(tmpdir(), 'sluice-mistakes-'))));
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const HEAD = 'requestId: request\n  sessionId: session\n  eventTimeMs: time\n  surface: SEARCH';
function imported(name: string, log: string | Buffer, mapping: string, out = 'ev'): Promise<MappedSummary> {
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

  it('a text taken for a column, with how a text is written', async () => {
    await expect(
      imported('log.csv', LOG, mapping('price', 'clicked').replace('price: price', 'price: price, currency: EUR')),
    ).rejects.toMatchObject({
      code: 'mapping-invalid',
      message: expect.stringContaining(
        'the log has no column "EUR". Where it is the text itself, write { constant: EUR }.',
      ) as string,
    });
  });

  it.each([
    ['a delimiter', LOG.replaceAll(',', ';'), /its header is one column.*is source\.delimiter ";"\?/],
    // "数据" in GBK before the columns that the mapping names.
    [
      'an encoding',
      Buffer.concat([Buffer.from([0xca, 0xfd, 0xbe, 0xdd, 0x2c]), Buffer.from(LOG.replace('item', 'it'))]),
      /its header is not UTF-8: name its encoding/,
    ],
  ])('%s that is not that of the log, before all the columns that are missing for it', async (_, log, why) => {
    await expect(imported('log.csv', log, mapping('price', 'clicked'))).rejects.toMatchObject({
      code: 'mapping-invalid',
      message: expect.stringMatching(why) as string,
    });
  });

  it('an import where nothing came out, with the reasons; and it writes nothing', async () => {
    await expect(imported('log.csv', LOG, mapping('price', 'clicked', 'session'))).rejects.toMatchObject({
      code: 'import-file-invalid',
      message: expect.stringMatching(/eventTimeMs.*row 1 is time="1541599523"/) as string,
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

  it('a path that no row of nested JSON has, with the nearest name; unless it is optional', async () => {
    const log = '{"id":"r1","at":1541599523,"user":{"session":"s"},"hits":[{"sku":"a"}]}\n';
    const nested = (session: string): string =>
      `impressions: { shape: row-per-list, requestId: id, sessionId: user.session, userId: ${session}, eventTimeMs: at, surface: SEARCH, items: { each: hits, itemId: sku } }`;
    await expect(imported('log.ndjson', log, nested('user.sesion'))).rejects.toMatchObject({
      code: 'mapping-invalid',
      message: expect.stringMatching(
        /no row has "user\.sesion"\. Did you mean user\.session\?.*optional: true.*row 1 is id="r1"/s,
      ) as string,
    });
    expect(() => readFileSync(join(dir, 'ev', 'impressions.ndjson'))).toThrow();
    const summary = await imported('log.ndjson', log, nested('{ column: user.sesion, optional: true }'));
    expect(summary.lists).toBe(1);
  });

  it('a whole array where one id belongs, with field, row and value', async () => {
    await expect(
      imported('log.csv', `${LOG}1541599524,r2,s1,"[""a"", ""b""]",2,0,1\n`, mapping('price', 'clicked')),
    ).rejects.toMatchObject({
      code: 'import-file-invalid',
      message: expect.stringMatching(
        /log\.csv, line 3: itemId is "\[\\"a\\", \\"b\\"\]" where one id belongs/,
      ) as string,
    });
  });

  it('a list of clicked ids taken for one with a part for each item, with the word that is meant', async () => {
    const log = 'time,request,session,shown,clicked\n1541599523,r1,s1,a|b|c,a|c\n';
    const rest =
      '  items: { itemId: { column: shown, split: "|" } }\ninteractions:\n  - { perItem: true, when: { column: clicked, split: "|", present: true }, type: CLICK }\n';
    await expect(
      imported('log.csv', log, `impressions:\n  shape: row-per-list\n  ${HEAD}\n${rest}`),
    ).rejects.toMatchObject({
      code: 'import-file-invalid',
      message: expect.stringMatching(
        /line 1: clicked has 2 parts where the list has 3 items.*among: clicked/,
      ) as string,
    });
    expect(() => readFileSync(join(dir, 'ev', 'impressions.ndjson'))).toThrow();
  });

  it('a key of the language that is mistyped, with the nearest one', async () => {
    await expect(
      imported('log.csv', LOG, mapping('{ column: price, decimals: "," }', 'clicked')),
    ).rejects.toMatchObject({
      message: expect.stringMatching(/line 7: .*"decimals".*Did you mean decimal\?/) as string,
    });
  });

  it.each([
    ['{ column: time, time: "dd/QQ/yyyy" }', /QQ means nothing/],
    ['{ column: time, zone: Europe/Berln }', /is not a time zone/],
    ['{ column: time, match: "(" }', /is not a regular expression/],
    ['{ column: name, table: users }', /"users" is none of tables/],
  ])('a value that cannot work: %s', async (value, why) => {
    await expect(imported('log.csv', LOG, mapping('price', 'clicked', value))).rejects.toMatchObject({
      code: 'mapping-invalid',
      message: expect.stringMatching(why) as string,
    });
  });
});

describe('a log in another encoding', () => {
  const text = 'time,request,session,item,title\n1541599523,r1,s1,a,红色连衣裙\n1541599524,r2,s2,b,plain\n';
  // 红色连衣裙 as GBK has it.
  const [before, after] = text.split('红色连衣裙') as [string, string];
  const gbk = Buffer.concat([Buffer.from(before), Buffer.from('baecc9abc1acd2c2c8b9', 'hex'), Buffer.from(after)]);
  const mapping = (encoding: string): string =>
    `source: { ${encoding} }\nimpressions:\n  shape: row-per-impression\n  ${HEAD}\n  items: { itemId: item, title: title }\n`;
  const titles = (): unknown[] =>
    readFileSync(join(dir, 'ev', 'impressions.ndjson'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { items: { title: string }[] }).items[0]!.title);

  it('is read as what it is, once its encoding is named', async () => {
    await imported('log.csv', gbk, mapping('encoding: gb18030'));
    expect(titles()).toEqual(['红色连衣裙', 'plain']);
    rmSync(join(dir, 'ev'), { recursive: true });
    const utf16 = Buffer.from(`\ufeff${text}`, 'utf16le');
    await imported('log.csv', utf16, mapping('encoding: utf-16le'));
    expect(titles()).toEqual(['红色连衣裙', 'plain']);
  });

  it('loses the rows that cannot be read, with the way out, and no other', async () => {
    const { dropped } = await imported('log.csv', gbk, mapping(''));
    expect(dropped).toEqual({ 'not utf-8: name the encoding in source.encoding, such as gb18030': 1 });
    expect(titles()).toEqual(['plain']);
    rmSync(join(dir, 'ev'), { recursive: true });
    const line = (title: Buffer): Buffer =>
      Buffer.concat([
        Buffer.from('{"time":1541599523,"request":"r","session":"s","item":"a","title":"'),
        title,
        Buffer.from('"}\n'),
      ]);
    await imported(
      'log.ndjson',
      Buffer.concat([line(Buffer.from('红')), line(Buffer.from('baec', 'hex'))]),
      mapping(''),
    );
    expect(titles()).toEqual(['红']);
  });

  it('keeps the character that stands for an unreadable one where the log itself has it', async () => {
    await imported('log.csv', text.replace('plain', 'pl\ufffdin'), mapping(''));
    expect(titles()).toEqual(['红色连衣裙', 'pl\ufffdin']);
  });

  it('ends a table with its line, for a missing word there is missing everywhere', async () => {
    writeFileSync(join(dir, 'titles.csv'), gbk);
    const table = 'tables: { shown: { file: titles.csv, key: item } }\n';
    await expect(imported('log.csv', text, `${table}${mapping('')}`)).rejects.toThrow(
      /titles\.csv, line 2: not utf-8: name the encoding in tables\.shown\.encoding/,
    );
  });

  it('is named by a word that is an encoding', async () => {
    await expect(imported('log.csv', text, mapping('encoding: gbk2'))).rejects.toThrow(/source\.encoding.*gb18030/);
  });
});
