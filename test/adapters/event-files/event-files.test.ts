import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  findEventFile,
  mergeByTime,
  openEventWriter,
  openLineWriter,
  readEvents,
  readLineBatches,
  sendEvents,
  sortInto,
  SEND_BATCH_BYTES,
} from '../../../src/adapters/event-files/index.js';
import { partitionOf } from '../../../src/events/partition.js';
import type { NewRecord } from '../../../src/ports/transport.js';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-events-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const list = (requestId: string, eventTimeMs: number, more: object = {}): string =>
  JSON.stringify({ requestId, eventTimeMs, surface: 'SEARCH', sessionId: 's1', items: [], ...more });
const click = (interactionId: string, eventTimeMs: number, more: object = {}): string =>
  JSON.stringify({ interactionId, eventTimeMs, type: 'CLICK', sessionId: 's1', itemId: 'i', ...more });
const put = (name: string, content: string | Buffer): string => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};
const linesOf = async (path: string): Promise<[number, string][]> => {
  const found: [number, string][] = [];
  for await (const { lines } of readLineBatches(path))
    for (const { line, bytes } of lines) found.push([line, bytes.toString()]);
  return found;
};
const collect = async <T>(source: AsyncIterable<T>): Promise<T[]> => {
  const found: T[] = [];
  for await (const element of source) found.push(element);
  return found;
};

/** Keeps what was appended, batch by batch. */
class RecordingTransport {
  readonly batches: NewRecord[][] = [];
  constructor(readonly partitions = 4) {}
  partitionCount(): Promise<number> {
    return Promise.resolve(this.partitions);
  }
  append(records: readonly NewRecord[]): Promise<void> {
    this.batches.push([...records]);
    return Promise.resolve();
  }
  get records(): NewRecord[] {
    return this.batches.flat();
  }
  values(topic: string): string[] {
    return this.records
      .filter((record) => record.topic === topic)
      .map((record) => Buffer.from(record.value!).toString());
  }
}

describe('reading lines', () => {
  it('keeps line numbers across blank lines, line ends and a byte order mark', async () => {
    expect(await linesOf(put('a', '\ufeffone\r\n\n  \ntwo\nthree'))).toEqual([
      [1, 'one'],
      [4, 'two'],
      [5, 'three'],
    ]);
    expect(await linesOf(put('empty', ''))).toEqual([]);
  });

  it('reads a packed file as the plain one, whatever stands at the borders of a read', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 200_000 }), { maxLength: 8 }), async (lengths) => {
        const texts = lengths.map((length, at) => String.fromCharCode(97 + at).repeat(length));
        const plain = await linesOf(put('p.ndjson', texts.join('\n')));
        const packed = await linesOf(put('p.ndjson.gz', gzipSync(texts.join('\n'))));
        expect(plain.map(([, text]) => text)).toEqual(texts);
        expect(packed).toEqual(plain);
      }),
      { numRuns: 25 },
    );
  });

  it('says where a damaged gzip file ends', async () => {
    const whole = gzipSync(Array.from({ length: 20_000 }, (_, at) => `line ${at} ${at * 7919}`).join('\n'));
    const path = put('cut.ndjson.gz', whole.subarray(0, whole.length >> 1));
    await expect(linesOf(path)).rejects.toThrow(/cut\.ndjson\.gz, line \d+: unexpected end of file/);
  });

  it.each([
    ['UTF-16', Buffer.from('\ufeff{"a":1}\n', 'utf16le'), /line 1: the file is UTF-16/],
    ['one JSON array', '[\n  {"a": 1}\n]\n', /line 1: the file is one JSON array/],
    ['one JSON array on one line', '[{"a":1},{"a":2}]', /line 1: the file is one JSON array/],
    ['Parquet', 'PAR1\u0015\u0004', /line 1: the file is Parquet/],
  ])('says at once that a file is %s', async (_what, bytes, why) => {
    await expect(linesOf(put('other.ndjson', bytes))).rejects.toThrow(why);
  });

  it('says which file is missing', async () => {
    await expect(linesOf(join(folder, 'absent'))).rejects.toMatchObject({ code: 'file-unreadable' });
    expect(() => findEventFile(folder, 'impressions')).toThrow(/cannot read .*impressions\.ndjson/);
    put('impressions.ndjson', '');
    put('impressions.ndjson.gz', gzipSync(''));
    expect(() => findEventFile(folder, 'impressions')).toThrow(/remove one/);
  });
});

describe('reading events', () => {
  it('gives line, time and key of every event', async () => {
    put('impressions.ndjson', `${list('r1', 5)}\n\n${list('r2', 7, { sessionId: '', userId: 'u2' })}\n`);
    put('interactions.ndjson.gz', gzipSync(click('c1', 9)));
    const { impressions, interactions } = readEvents(folder);
    expect((await collect(impressions)).map(({ line, eventTimeMs, key }) => [line, eventTimeMs, key])).toEqual([
      [1, 5, 's1'],
      [3, 7, 'u2'],
    ]);
    expect((await collect(interactions)).map(({ bytes }) => bytes.toString())).toEqual([click('c1', 9)]);
  });

  it.each([
    ['{"a":', 'not JSON'],
    ['[1]', 'not a JSON object'],
    ['{"sessionId":"s"}', 'eventTimeMs is not a number'],
    ['{"eventTimeMs":1}', 'none of sessionId'],
  ])('stops at %s with its line', async (bad, why) => {
    put('impressions.ndjson', `${list('r1', 5)}\n${bad}\n`);
    put('interactions.ndjson', '');
    await expect(collect(readEvents(folder).impressions)).rejects.toMatchObject({
      code: 'event-file-invalid',
      message: expect.stringMatching(new RegExp(`line 2: .*${why}`)) as unknown,
    });
  });
});

describe('sending events', () => {
  it('appends every line once, in file order, as the bytes it is', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat(50), { maxLength: 40 }),
        fc.array(fc.nat(50), { maxLength: 40 }),
        async (shown, clicked) => {
          const lists = shown.map((time, at) => list(`r${at}`, time));
          const clicks = clicked.map((time, at) => click(`c${at}`, time));
          put('impressions.ndjson', lists.join('\n'));
          put('interactions.ndjson', clicks.join('\n'));
          const transport = new RecordingTransport();
          const sent = await sendEvents(folder, transport);
          expect(transport.values('impressions')).toEqual(lists);
          expect(transport.values('interactions')).toEqual(clicks);
          expect(sent).toMatchObject({ impressions: lists.length, interactions: clicks.length, sentAsIs: 0 });
        },
      ),
      { numRuns: 50 },
    );
  });

  it('merges the two files by event time, ties to the impression', async () => {
    put('impressions.ndjson', [list('r1', 10), list('r2', 20), list('r3', 15), list('r4', 30)].join('\n'));
    put('interactions.ndjson', [click('c1', 10), click('c2', 25)].join('\n'));
    const transport = new RecordingTransport();
    await sendEvents(folder, transport);
    const order = transport.records.map((record) => {
      const event = JSON.parse(Buffer.from(record.value!).toString()) as { requestId?: string; interactionId?: string };
      return event.interactionId ?? event.requestId;
    });
    expect(order).toEqual(['r1', 'c1', 'r2', 'r3', 'c2', 'r4']);
  });

  it('keys by session, else user, else request', async () => {
    put(
      'impressions.ndjson',
      [
        list('r1', 1),
        list('r2', 2, { sessionId: null, userId: 'u' }),
        list('r3', 3, { sessionId: null }),
        list('r4', 4, { sessionId: 17 }),
      ].join('\n'),
    );
    put('interactions.ndjson', '');
    const transport = new RecordingTransport();
    await sendEvents(folder, transport);
    expect(transport.records.map((record) => Buffer.from(record.key!).toString())).toEqual(['s1', 'u', 'r3', '17']);
  });

  it('loses no line that is not an event: it goes as it is, always to the same partition', async () => {
    put('impressions.ndjson', `${list('r1', 1)}\n{broken\n[]\n`);
    put('interactions.ndjson', '"text"\n{}\n');
    const transport = new RecordingTransport();
    const sent = await sendEvents(folder, transport);
    expect(transport.values('impressions')).toEqual([list('r1', 1), '{broken', '[]']);
    expect(transport.values('interactions')).toEqual(['"text"', '{}']);
    expect(sent.sentAsIs).toBe(3);
    const broken = transport.records.find((record) => Buffer.from(record.value!).toString() === '{broken')!;
    expect(broken.key).toBeNull();
    expect(broken.partition).toBe(partitionOf(Buffer.from('{broken'), 4));
  });

  it('takes bytes that are not UTF-8 for no event: read with stand-ins, its session would be another', async () => {
    put('impressions.ndjson', Buffer.from(list('r1', 1).replace('r1', '\xe9'), 'latin1'));
    put('interactions.ndjson', '');
    const transport = new RecordingTransport();
    expect((await sendEvents(folder, transport)).sentAsIs).toBe(1);
    expect(Buffer.from(transport.records[0]!.value!)).toEqual(
      Buffer.from(list('r1', 1).replace('r1', '\xe9'), 'latin1'),
    );
  });

  it('encodes with the codec, and sends what the codec refuses as it is', async () => {
    put('impressions.ndjson', [list('r1', 1), list('bad', 2)].join('\n'));
    put('interactions.ndjson', click('c1', 3));
    const codec = {
      format: 'test',
      prepare: () => undefined,
      decode: () => {
        throw new Error('not used');
      },
      encode: (record: { requestId?: string; interactionId?: string }) => {
        if (record.requestId === 'bad') throw new Error('refused');
        return Buffer.from(`<${record.requestId ?? record.interactionId}>`);
      },
    };
    const transport = new RecordingTransport();
    const sent = await sendEvents(folder, transport, { impressions: codec as never, interactions: codec as never });
    expect(transport.values('impressions')).toEqual(['<r1>', list('bad', 2)]);
    expect(transport.values('interactions')).toEqual(['<c1>']);
    expect(sent.sentAsIs).toBe(1);
  });

  it('keeps every batch under its bound and reports rising progress that ends at 1', async () => {
    const large = 'x'.repeat(1_500_000);
    put('impressions.ndjson', Array.from({ length: 9 }, (_, at) => list(`r${at}`, at, { query: large })).join('\n'));
    put('interactions.ndjson', '');
    const transport = new RecordingTransport();
    const fractions: number[] = [];
    await sendEvents(folder, transport, undefined, (_, fraction) => fractions.push(fraction));
    for (const batch of transport.batches) {
      expect(batch.reduce((sum, record) => sum + record.value!.length + record.key!.length, 0)).toBeLessThanOrEqual(
        SEND_BATCH_BYTES,
      );
    }
    expect(transport.batches.length).toBeGreaterThan(2);
    expect([...fractions].sort((a, b) => a - b)).toEqual(fractions);
    expect(fractions.at(-1)).toBe(1);
  });
});

describe('writing', () => {
  it('a file has its name only when it is whole', async () => {
    const writer = openEventWriter(folder, 'impressions');
    await writer.write('one');
    expect(readdirSync(folder)).not.toContain('impressions.ndjson');
    await writer.close();
    expect(readFileSync(join(folder, 'impressions.ndjson'), 'utf8')).toBe('one\n');
    const given = openEventWriter(folder, 'interactions');
    await given.write('x');
    await given.abort();
    expect(readdirSync(folder)).toEqual(['impressions.ndjson']);
  });

  it('a packed file takes the place of the plain one', async () => {
    put('impressions.ndjson', 'old\n');
    const writer = openEventWriter(folder, 'impressions', true);
    await writer.write('new');
    await writer.close();
    expect(readdirSync(folder)).toEqual(['impressions.ndjson.gz']);
    expect(gunzipSync(readFileSync(findEventFile(folder, 'impressions'))).toString()).toBe('new\n');
  });

  it('fails where the folder cannot be written', async () => {
    put('plain', 'a file, not a folder');
    const writer = (): unknown => openLineWriter(join(folder, 'plain', 'x'));
    expect(writer).toThrow();
  });

  it('sorts by time, stable, the same with many runs on disk as with none', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat(30), { maxLength: 120 }),
        fc.integer({ min: 20, max: 400 }),
        async (times, runCharacters) => {
          const path = join(folder, 'sorted');
          const sorter = sortInto(openLineWriter(path), path, runCharacters);
          for (const [at, timeMs] of times.entries())
            await sorter.add(timeMs, `{"t":${timeMs},"at":${at},\t"text":"é"}`);
          await sorter.close();
          const found = (await linesOf(path)).map(([, text]) => JSON.parse(text) as { t: number; at: number });
          const expected = times.map((t, at) => ({ t, at })).sort((a, b) => a.t - b.t || a.at - b.at);
          expect(found.map(({ t, at }) => ({ t, at }))).toEqual(expected);
          expect(readdirSync(folder)).toEqual(['sorted']);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('merging closes both streams when it ends early', async () => {
    const closed: string[] = [];
    const source = async function* (name: string): AsyncGenerator<number> {
      try {
        for (let at = 0; ; at++) yield await Promise.resolve(at);
      } finally {
        closed.push(name);
      }
    };
    for await (const element of mergeByTime(source('left'), source('right'), (at) => at)) if (element > 3) break;
    expect(closed.sort()).toEqual(['left', 'right']);
  });
});
