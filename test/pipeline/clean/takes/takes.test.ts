import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { configSchema } from '../../../../src/config/schema.js';
import { DeclaredReader } from '../../../../src/pipeline/clean/declared.js';
import { valuesOfTake } from '../../../../src/pipeline/clean/takes/categories.js';
import { pythonWith } from '../../../learn/learners/python.js';
import { PEOPLE, PROGRAMS } from './user-agents.js';

const T0 = 1_700_000_000_000;
const SCRIPT = fileURLToPath(new URL('../python/user_agents.py', import.meta.url));
const python = pythonWith('ua_parser');

/** Reads one value of a message; with what became of it. */
function read(line: object, value: unknown): { readonly value: unknown; readonly outcome: string } {
  const { declared } = configSchema.parse({
    features: { declared: [{ name: 'x', from: 'context.x', ...line }] },
  }).features;
  const reader = new DeclaredReader(declared, 'auto');
  const { numbers, categories } = reader.read({ context: { x: value } }, {}, T0);
  const [outcome] = Object.entries(reader.outcomes.get('x')!).find(([, count]) => count > 0)!;
  return { value: declared[0]!.kind === 'category' ? categories[0]![0] : numbers[0], outcome };
}
const taken = (take: string, value: unknown, rest: object = {}): unknown =>
  read({ kind: 'category', take, ...rest }, value).value;
const isBot = (agent: string): unknown => read({ kind: 'boolean', take: 'bot' }, agent).value;

describe('what is taken of a user agent', () => {
  test.each(PEOPLE)('%s is as a person sees it', (agent, platform, os, browser) => {
    expect([taken('platform', agent), taken('os', agent), taken('browser', agent), isBot(agent)]).toEqual([
      platform,
      os,
      browser,
      0,
    ]);
  });

  test.each(PROGRAMS)('%s is a program', (agent) => {
    expect(isBot(agent)).toBe(1);
  });

  test.skipIf(python === undefined)('is what uap-core makes of it', () => {
    const agents = [...PEOPLE.map(([agent]) => agent), ...PROGRAMS];
    const { stdout, stderr, status } = spawnSync(python!, [SCRIPT], {
      input: JSON.stringify(agents),
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(stderr);
    const expected = JSON.parse(stdout) as readonly { os: string; browser: string; bot: boolean }[];
    agents.forEach((agent, at) => {
      const { os, browser, bot } = expected[at]!;
      expect(Boolean(isBot(agent)), agent).toBe(bot);
      // It knows no WeChat.
      const ours = taken('browser', agent) === 'wechat' ? 'other' : taken('browser', agent);
      if (!bot) expect([taken('os', agent), ours], agent).toEqual([os, browser]);
    });
  });

  test('of what is none is other, and what is no text is of the wrong type', () => {
    for (const take of ['platform', 'os', 'browser']) {
      expect(read({ kind: 'category', take }, 'ShopApp/5.1')).toEqual({ value: 'other', outcome: 'read' });
      expect(read({ kind: 'category', take }, '')).toEqual({ value: undefined, outcome: 'missing' });
      expect(read({ kind: 'category', take }, 7)).toEqual({ value: undefined, outcome: 'wrong-type' });
      expect(valuesOfTake(take as 'os')).toContain('other');
    }
    expect(read({ kind: 'boolean', take: 'bot' }, 7)).toEqual({ value: NaN, outcome: 'wrong-type' });
  });
});

describe('what is taken of a referer', () => {
  test.each([
    ['https://www.google.com/', 'search'],
    ['https://www.google.co.uk/url?q=x', 'search'],
    ['https://google.com.br', 'search'],
    ['http://m.baidu.com/s?word=鞋', 'search'],
    ['https://tieba.baidu.com/p/1', 'social'],
    ['https://yandex.ru/search/?text=a', 'search'],
    ['https://mail.yandex.ru/', 'mail'],
    ['https://de.search.yahoo.com/search', 'search'],
    ['https://mail.yahoo.com', 'mail'],
    ['https://mail.google.com/mail/u/0/', 'mail'],
    ['android-app://com.google.android.gm/', 'mail'],
    ['android-app://com.google.android.googlequicksearchbox/https/www.google.com', 'search'],
    ['https://t.co/abc', 'social'],
    ['https://l.facebook.com/l.php?u=x', 'social'],
    ['HTTPS://WWW.XIAOHONGSHU.COM/explore', 'social'],
    ['https://pinterest.de', 'social'],
    ['https://www.googleadservices.com/pagead/aclk', 'paid'],
    ['https://shop.example/red', 'internal'],
    ['https://www.shop.example:8443/red', 'internal'],
    ['shop.example', 'internal'],
    ['https://notshop.example/', 'unknown'],
    ['https://blog.example/google.com', 'unknown'],
    ['https://evil.example/?https://google.com', 'unknown'],
    ['https://netflix.com/', 'unknown'],
    ['about:blank', 'unknown'],
  ])('%s is %s', (referer, kind) => {
    expect(taken('referer', referer, { internal: ['shop.example'] })).toBe(kind);
  });

  test('is missing where there is none', () => {
    expect(read({ kind: 'category', take: 'referer' }, ' ')).toEqual({ value: undefined, outcome: 'missing' });
  });
});

describe('numbers taken of values', () => {
  test.each([
    ['words', '<b>Rock &amp; Roll</b> shoes', 3],
    ['words', '红色连衣裙 M', 6],
    ['size', '["a","b"]', 2],
    ['size', [], 0],
    ['max', '[1,"2.5"]', 2.5],
    ['timeOfDay', '2021-12-03T10:15:30+01:00', 10 + 15.5 / 60],
    ['dayOfWeek', '2021-12-05', 7],
  ])('%s of %j is %f', (take, value, number) => {
    expect(read({ kind: 'number', take }, value).value).toBeCloseTo(number, 9);
  });

  test.each([
    ['words', ['a'], 'wrong-type'],
    ['words', '', 'missing'],
    ['size', 'a,b', 'wrong-type'],
    ['sum', '[1,"x"]', 'wrong-type'],
    ['sum', [], 'missing'],
    ['year', 'today', 'wrong-type'],
    ['year', 1e300, 'wrong-type'],
    ['year', '2021-02-30', 'wrong-type'],
  ])('%s of %j is missing and counted as %s', (take, value, outcome) => {
    expect(read({ kind: 'number', take }, value)).toEqual({ value: NaN, outcome });
  });

  test('of a time are those of the zone that is asked for', () => {
    const hour = (value: unknown, zone?: string): unknown =>
      read({ kind: 'number', take: 'timeOfDay', ...(zone ? { zone } : {}) }, value).value;
    expect(hour('2021-12-03T10:15:00+01:00', '+08:00')).toBe(17.25);
    expect(hour(Date.UTC(2021, 6, 3, 10), 'Europe/Berlin')).toBe(12);
    expect(hour(Date.UTC(2021, 6, 3, 10))).toBe(10);
    expect(() => hour(0, 'Mars/Olympus')).toThrow(/time zone/);
  });
});
