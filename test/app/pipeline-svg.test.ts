import { expect, test } from 'vitest';
import { describePipeline } from '../../src/app/describe-pipeline.js';
import { pipelineSvg } from '../../src/app/pipeline-svg.js';
import { run } from '../cli/shell.js';

test('the picture has each stage once, in order, with what it does and what it passes on', () => {
  const stages = describePipeline();
  const svg = pipelineSvg(stages);
  expect([...svg.matchAll(/class="name"[^>]*>([^<]+)</g)].map(([, name]) => name)).toEqual(
    stages.map(({ name }) => name),
  );
  expect([...svg.matchAll(/class="pass"[^>]*>([^<]+)</g)].map(([, given]) => given)).toEqual(
    stages.slice(0, -1).map(({ gives }) => gives),
  );
  const told = [...svg.matchAll(/<text x="[^>]*>([^<]+)</g)].map(([, line]) => line).join(' ');
  for (const { does } of stages) expect(told).toContain(does.replaceAll('&', '&amp;'));
});

test('it needs nothing from elsewhere, and is well-formed: every tag that opens closes', () => {
  const svg = pipelineSvg([
    { name: 'a<b', takes: 'messages', gives: 'events', does: 'x & y', repeatedByRestore: false },
  ]);
  expect(svg).toContain('a&lt;b');
  expect(svg.replace('http://www.w3.org/2000/svg', '')).not.toMatch(/https?:|@import|<script|<image|url\(["']?[^#]/);
  const open: string[] = [];
  for (const [, closing, name, empty] of pipelineSvg(describePipeline()).matchAll(/<(\/?)([a-z]+)[^>]*?(\/?)>/g)) {
    if (closing === '/') expect(open.pop()).toBe(name);
    else if (empty !== '/') open.push(name!);
  }
  expect(open).toEqual([]);
});

test('sluice describe pipeline --format svg prints it; features have none', async () => {
  const { stdout, status } = await run(['describe', 'pipeline', '--format', 'svg']);
  expect(status).toBe(0);
  expect(stdout).toBe(pipelineSvg(describePipeline()));
  expect((await run(['describe', 'features', '--format', 'svg'])).status).toBe(2);
});
