import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { importKit } from './kit.js';

const { put, path } = importKit();
const PROGRAM = join(import.meta.dirname, '../../dist/main.js');
const MAPPING =
  'interactions: [{ type: CLICK, itemId: item, sessionId: session, eventTimeMs: { column: at, time: s } }]';

it.each([
  ['CSV', 'at,session,item\n1714557600,s1,a\n'],
  ['NDJSON', '{"at":1714557600,"session":"s1","item":"a"}\n'],
  ['packed CSV', gzipSync('at,session,item\n1714557600,s1,a\n')],
])('standard input is a log, told by its first byte: %s', (_, input) => {
  const words = ['import', 'mapped', '-', '--mapping', put('m.yaml', MAPPING), '--out', path('ev')];
  const { status, stdout } = spawnSync(process.execPath, [PROGRAM, ...words], { input, encoding: 'utf8' });
  expect(status).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ rows: 1, interactions: { CLICK: 1 } });
  expect(readFileSync(path('ev/interactions.ndjson'), 'utf8')).toContain('"itemId":"a"');
});

it.each([
  ['no input at all', '', /it has no rows/],
  ['a column that is not there', 'at,session,itm\n1714557600,s1,a\n', /no column "item"\. Did you mean itm\?/],
  ['nothing that comes out', 'at,session,item\nsoon,s1,a\n', /nothing came out of 1 rows/],
])('a wrong mapping ends with a status that is not 0: %s', (_, input, why) => {
  const words = ['import', 'mapped', '-', '--mapping', put('m.yaml', MAPPING), '--out', path('ev')];
  const { status, stderr } = spawnSync(process.execPath, [PROGRAM, ...words], { input, encoding: 'utf8' });
  expect(status).not.toBe(0);
  expect(stderr).toMatch(why);
});
