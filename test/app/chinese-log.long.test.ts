import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seededRandom } from '../../src/adapters/system/index.js';
import { displayWidth } from '../../src/cli/display-width.js';
import { PAIRS } from '../../src/lab/encoder-check/pairs.js';
import { auc } from '../../src/learn/metrics/auc.js';
import { run, type Ran } from '../cli/shell.js';

const LISTS = 1_500;
const ITEMS = 4;
/** What is sold: a query, and titles of the same thing in other words. */
const GOODS = [...PAIRS['zh']!, ...PAIRS['zh-mixed']!].map(([query, title]) => ({ query, title }));

const MAPPING = `
impressions:
  shape: row-per-impression
  requestId: 请求
  eventTimeMs: 时间
  surface: SEARCH
  sessionId: 会话
  query: 搜索词
  items:
    itemId: 商品
    position: 位置
    title: 标题
    category: 类目
    price: 价格
    currency: { constant: CNY }
interactions:
  - when: { column: 点击, equals: 1 }
    type: CLICK
`;

/** A shop's search log with Chinese column names: people click what they searched for, whatever words its title has. */
function chineseLog(): { csv: string; clickCount: number } {
  const random = seededRandom(12);
  const rows: string[] = ['请求,会话,时间,搜索词,位置,商品,标题,类目,价格,点击'];
  let clickCount = 0;
  for (let list = 0; list < LISTS; list++) {
    const wanted = Math.floor(random() * GOODS.length);
    const place = Math.floor(random() * ITEMS);
    for (let position = 0; position < ITEMS; position++) {
      const other = (wanted + 1 + Math.floor(random() * (GOODS.length - 1))) % GOODS.length;
      const at = position === place ? wanted : other;
      const clicked = random() < (at === wanted ? 0.6 : 0.03) ? 1 : 0;
      clickCount += clicked;
      const timeMs = Date.UTC(2026, 2, 1) + list * 20_000;
      const { query, title } = { query: GOODS[wanted]!.query, title: GOODS[at]!.title };
      rows.push(
        `请求${list},会话${list >> 2},${timeMs},${query},${position + 1},商品-${at},${title},类目${at % 3},${20 + at},${clicked}`,
      );
    }
  }
  return { csv: `${rows.join('\n')}\n`, clickCount };
}

describe('a Chinese log, from file to explanation', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-zh-'));
  const { csv, clickCount } = chineseLog();
  const settings = [
    `transport.path=${join(folder, 'store')}`,
    `privacy.keyFile=${join(folder, 'key')}`,
    'encoder.cachePath=',
    'http.enabled=off',
    'selection.budget=0.3',
    'selection.auditFraction=0.3',
    'retrain.everySamples=3000',
  ].flatMap((setting) => ['--set', setting]);
  const events = join(folder, 'events');
  const rowsOf = async (topic: string): Promise<Record<string, unknown>[]> => {
    const { stdout } = await run(['dump', topic, '--format', 'ndjson', ...settings]);
    const lines = stdout.trim().split('\n');
    return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  };
  let imported: Ran;
  let ended: Ran;
  let training: Record<string, unknown>[];

  beforeAll(async () => {
    writeFileSync(join(folder, '日志.csv'), csv);
    writeFileSync(join(folder, '映射.yaml'), MAPPING);
    const [log, mapping] = [join(folder, '日志.csv'), join(folder, '映射.yaml')];
    imported = await run(['import', 'mapped', log, '--mapping', mapping, '--out', events]);
    ended = await run(['run', '--events', events, '--until-end', '--format', 'json', ...settings]);
    training = await rowsOf('training');
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('every impression and click of the file is joined', () => {
    expect(JSON.parse(imported.stdout)).toMatchObject({
      impressions: LISTS * ITEMS,
      interactions: { CLICK: clickCount },
    });
    const accounting = JSON.parse(ended.stdout.trim().split('\n').at(-1)!) as Record<string, Record<string, number>>;
    expect(accounting['samples']).toMatchObject({ seen: LISTS * ITEMS });
    expect(accounting['interactions']).toMatchObject({ joined: clickCount, unmatched: 0 });
  });

  it('texts are compared by what they mean: the query and the title that people click are alike', async () => {
    const described = await run(['describe', 'features', '--format', 'json', ...settings]);
    const { columns, featureSetId } = JSON.parse(described.stdout) as {
      columns: { name: string }[];
      featureSetId: string;
    };
    expect(new Set(training.map((row) => row['featureSetId']))).toEqual(new Set([featureSetId]));
    const at = columns.findIndex(({ name }) => name === 'similarityQuery');
    // The audit slice is uniform; what trains was chosen for being hard to tell.
    const audit = await rowsOf('audit');
    const similarity = audit.map(({ features }) => (features as number[])[at]!);
    const labels = audit.map(({ label }) => label as number);
    expect(similarity.every((value) => Number.isFinite(value))).toBe(true);
    expect(auc(Float64Array.from(similarity), Uint8Array.from(labels))).toBeGreaterThan(0.75);
  });

  it('a model is trained on it, and one sample is explained with its Chinese ids', async () => {
    const snapshots = await run(['snapshot', 'list', '--format', 'json', ...settings]);
    expect(snapshots.status).toBe(0);
    const scored = training.find(({ prediction }) => prediction !== null)!;
    const explained = await run(['explain', String(scored['sampleId']), ...settings]);
    expect(explained.status).toBe(0);
    expect(explained.stdout).toContain(`item ${String(scored['itemId'])}`);
    expect(String(scored['itemId'])).toMatch(/^商品-\d+$/);
    expect(explained.stdout).toContain('similarityQuery');
  });

  it('what is written for people is UTF-8 text, not escapes', async () => {
    const csvOut = join(folder, '训练.csv');
    expect((await run(['dump', 'training', '--format', 'csv', '--out', csvOut, ...settings])).status).toBe(0);
    const text = readFileSync(csvOut, 'utf8');
    expect(text).toContain('商品-');
    expect(text).not.toMatch(/\\u[0-9a-f]{4}|\uFFFD/);
    expect(displayWidth('商品-1')).toBe(6);
  });
});
