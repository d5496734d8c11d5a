import { describe, expect, it } from 'vitest';
import type { StreamClient } from '../../../src/adapters/http/index.js';
import { MOST_TAPS, Taps } from '../../../src/app/tap/taps.js';
import { TAPPED_STAGES } from '../../../src/app/tap/tapped-records.js';
import { compileWhere } from '../../../src/app/tap/where.js';
import { PIPELINE } from '../../../src/pipeline/stages/index.js';

/** A reader that keeps what it is sent. */
function reader() {
  const sent: string[] = [];
  const listeners: (() => void)[] = [];
  const client: StreamClient = {
    send: (text) => void sent.push(text),
    onEnd: (listener) => void listeners.push(listener),
    end: () => void sent.push('end'),
  };
  return { client, sent, leave: () => listeners.forEach((listener) => listener()) };
}

const late = (sampleId: string) => ({ deadLetters: [], late: [{ sampleId }] });
/** Whoever looks into it fails. */
const untouchable = new Proxy({}, { get: () => expect.unreachable('nobody listens, and it was looked at') });

describe('a tap', () => {
  it('is put at stages that there are', () => {
    const names = PIPELINE.stages.map(({ name }) => name);
    for (const stage of TAPPED_STAGES) expect(names).toContain(stage);
  });

  it('costs nothing while nobody listens, nor at a stage that nobody listens to', () => {
    const taps = new Taps();
    taps.gave(0, 'join', untouchable);
    const { client } = reader();
    expect(taps.listen(client, { rest: 'select', query: {} })).toBeUndefined();
    taps.gave(0, 'join', untouchable);
    expect(taps.count).toBe(1);
  });

  it('shows what matches, with its partition, up to its limit, and then ends', () => {
    const taps = new Taps();
    const { client, sent } = reader();
    taps.listen(client, { rest: 'join', query: { where: 'sampleId != b', limit: '2' } });
    for (const id of ['a', 'b', 'c', 'd']) taps.gave(3, 'join', late(id));
    expect(sent).toEqual([
      ': listening\n\n',
      'data: {"partition":3,"kind":"late","sampleId":"a"}\n\n',
      'data: {"partition":3,"kind":"late","sampleId":"c"}\n\n',
      'end',
    ]);
    expect(taps.count).toBe(0);
  });

  it('ends with what went wrong, and never ends the stream', () => {
    const taps = new Taps();
    const { client, sent } = reader();
    taps.listen(client, { rest: 'join', query: {} });
    taps.gave(0, 'join', { deadLetters: null, late: [] });
    expect(sent[1]).toMatch(/^event: trouble\n/);
    expect(sent.at(-1)).toBe('end');
    expect(taps.count).toBe(0);
  });

  it('is gone with its reader; readers, records and stages are bounded', () => {
    const taps = new Taps();
    const readers = Array.from({ length: MOST_TAPS }, reader);
    for (const { client } of readers) taps.listen(client, { rest: 'join', query: {} });
    expect(taps.listen(reader().client, { rest: 'join', query: {} })?.status).toBe(400);
    readers[0]!.leave();
    expect(taps.count).toBe(MOST_TAPS - 1);
    for (const asked of [
      { rest: 'read', query: {} },
      { rest: 'join', query: { limit: '0' } },
      { rest: 'join', query: { limit: '1000000' } },
      { rest: 'join', query: { where: 'label is 1' } },
    ])
      expect(taps.listen(reader().client, asked)).toMatchObject({ status: 400 });
    taps.close();
    expect(taps.count).toBe(0);
  });
});

describe('a condition', () => {
  const record = { label: 1, surface: 'SEARCH', category: null, name: 'red and blue', p: 0.25 };
  it.each([
    ['', true],
    ['label = 1', true],
    ['label=1 and p<=0.25 AND surface = SEARCH', true],
    ['label != 1', false],
    ['p > 0.25', false],
    ['p >= .25', true],
    ["surface = 'SEARCH'", true],
    ['category = null', true],
    ['category > 0', false],
    ['nothing = null', true],
    ['surface > 1', false],
    ["p < '1'", false],
  ])('%j is %s', (text, holds) => expect(compileWhere(text)(record)).toBe(holds));

  it.each(['label', 'label == 1', 'label = 1 or p = 2', '1 = 1', 'process.exit()'])('%j is refused', (text) =>
    expect(() => compileWhere(text)).toThrow(/does not understand/),
  );
});
