import { describe, expect, it } from 'vitest';
import { serial } from '../../src/stream/serial.js';

describe('serial', () => {
  it('gives each step its turn, in order, one at a time', async () => {
    const inTurn = serial();
    const log: string[] = [];
    const open: (() => void)[] = [];
    const step = (name: string) => async () => {
      log.push(`${name} begins`);
      await new Promise<void>((resolve) => open.push(resolve));
      log.push(`${name} ends`);
      return name;
    };
    const both = Promise.all([inTurn(step('a')), inTurn(step('b'))]);
    await expect.poll(() => open.length, { timeout: 60_000 }).toBe(1);
    expect(log).toEqual(['a begins']);
    open[0]!();
    await expect.poll(() => open.length, { timeout: 60_000 }).toBe(2);
    open[1]!();
    expect(await both).toEqual(['a', 'b']);
    expect(log).toEqual(['a begins', 'a ends', 'b begins', 'b ends']);
  });

  it('a failure is the concern of the one who asked, and the next has its turn', async () => {
    const inTurn = serial();
    const failing = inTurn(() => Promise.reject(new Error('no')));
    const next = inTurn(() => Promise.resolve(1));
    await expect(failing).rejects.toThrow('no');
    expect(await next).toBe(1);
  });

  it('a step that throws at once rejects, too', async () => {
    const failing = serial()(() => {
      throw new Error('at once');
    });
    await expect(failing).rejects.toThrow('at once');
  });

  it('a step without a value resolves', async () => {
    expect(await serial()(() => Promise.resolve())).toBeUndefined();
  });
});
