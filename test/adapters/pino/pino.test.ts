import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { createLogger, type LoggerOptions } from '../../../src/adapters/pino/index.js';
import type { Logger } from '../../../src/ports/logger.js';

function written(options: Omit<LoggerOptions, 'out'>, say: (logger: Logger) => void): string[] {
  const out = new PassThrough();
  say(createLogger({ ...options, out }));
  return String(out.read() ?? '')
    .split('\n')
    .slice(0, -1);
}

const json = (say: (logger: Logger) => void) =>
  written({ level: 'info', format: 'json' }, say).map((line) => JSON.parse(line) as Record<string, unknown>);

describe('logger', () => {
  it('one call is one JSON line with time, level, message and fields', () => {
    const [line, ...rest] = json((logger) => logger.info('partition assigned', { partition: 3 }));
    expect(rest).toEqual([]);
    expect(line).toEqual({ time: expect.any(String), level: 'info', msg: 'partition assigned', partition: 3 });
    expect(new Date(String(line?.['time'])).toISOString()).toBe(line?.['time']);
  });

  it('levels below the configured one are not written', () => {
    const lines = written({ level: 'warn', format: 'json' }, (logger) => {
      logger.debug('a');
      logger.info('b');
      logger.warn('c');
      logger.error('d');
    });
    expect(lines.map((line) => (JSON.parse(line) as { msg: string }).msg)).toEqual(['c', 'd']);
  });

  it('names of people and secrets are redacted, also one level down', () => {
    const text = JSON.stringify(
      json((logger) =>
        logger.warn('odd event', { sessionId: 'raw-1', event: { userId: 'raw-2', itemId: 'i1' }, password: 'raw-3' }),
      ),
    );
    expect(text).not.toMatch(/raw-/);
    expect(text).toContain('i1');
  });

  it('an error keeps its message and stack under any name', () => {
    const [line] = json((logger) => logger.error('failed', { cause: new TypeError('no such thing') }));
    expect(line?.['cause']).toMatchObject({
      type: 'TypeError',
      message: 'no such thing',
      stack: expect.stringContaining('pino.test'),
    });
  });

  it('the fields of the caller are left as they were', () => {
    const fields = { sessionId: 's1', n: 1n };
    json((logger) => logger.info('x', fields));
    expect(fields).toEqual({ sessionId: 's1', n: 1n });
  });
});

describe('pretty logger', () => {
  const pretty = (say: (logger: Logger) => void) => written({ level: 'debug', format: 'pretty' }, say);

  it('is one line for people', () => {
    expect(
      pretty((logger) => logger.warn('lag grows', { lagMs: 1200, topic: 'sluice.training', why: 'slow disk' })),
    ).toEqual([
      expect.stringMatching(
        /^\d\d:\d\d:\d\d\.\d{3} WARN {2}lag grows lagMs=1200 topic=sluice\.training why="slow disk"$/,
      ),
    ]);
  });

  it('shows an error in the line and its stack under it', () => {
    const [line, ...stack] = pretty((logger) => logger.error('failed', { error: new Error('gone') }));
    expect(line).toMatch(/ERROR failed error="gone"$/);
    expect(stack[0]).toMatch(/^ {4}Error: gone/);
  });

  it('redacts as well', () => {
    expect(pretty((logger) => logger.info('x', { userId: 'raw' })).join()).not.toContain('raw');
  });
});
