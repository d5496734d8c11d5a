import { PassThrough } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { withMeter } from '../../src/cli/progress.js';
import type { Shell } from '../../src/cli/shell.js';

function shellAt(isTerminal: boolean) {
  const said: string[] = [];
  const stderr = Object.assign(new PassThrough(), { isTTY: isTerminal, columns: 80, cursorTo() {}, clearLine() {} });
  let nowMs = 0;
  const shell: Shell = {
    out: () => Promise.resolve(),
    say: (text) => said.push(text),
    isTerminal,
    stderr,
    env: {},
    clock: { nowMs: () => nowMs, monotonicMs: () => nowMs, sleep: () => Promise.resolve(true) },
    signal: new AbortController().signal,
  };
  return { shell, said, stderr, passMs: (ms: number) => (nowMs += ms) };
}

describe('progress', () => {
  test('without a terminal it is a line every five seconds, never more', async () => {
    const { shell, said, passMs } = shellAt(false);
    await withMeter(shell, 'send', 'events', (update) => {
      update(1, 0.1);
      passMs(4_999);
      update(2, 0.2);
      passMs(1);
      update(30_000, 0.5);
      update(30_001, 0.51);
      passMs(5_000);
      update(40_000, null);
      return Promise.resolve();
    });
    expect(said).toEqual(['send: 30,000 events (50 %)', 'send: 40,000 events']);
  });

  test('on a terminal it is a bar on stderr, gone when the action fails too', async () => {
    const { shell, said, stderr } = shellAt(true);
    const failing = withMeter(shell, 'send', 'events', (update) => {
      update(5, 0.5);
      return Promise.reject(new Error('no'));
    });
    await expect(failing).rejects.toThrow('no');
    expect(said).toEqual([]);
    expect(String(stderr.read())).toContain('send');
  });
});
