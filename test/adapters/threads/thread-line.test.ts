import { once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import { lineToOwner, startLineThread, type LineThread } from '../../../src/adapters/threads/index.js';
import type { SluiceError } from '../../../src/errors.js';

type Remote = Readonly<{
  double: (n: number) => Promise<number>;
  warn: (text: string) => void;
  exit: (status: number) => void;
  crash: (nothing: undefined) => void;
  native: (words: SharedArrayBuffer) => Promise<void>;
  never: (nothing: undefined) => Promise<never>;
}>;

const started: LineThread<Remote>[] = [];
afterEach(async () => {
  await Promise.all(started.splice(0).map((thread) => thread.terminate()));
});

function threadOf(): { readonly thread: LineThread<Remote>; readonly exited: Promise<SluiceError> } {
  let thread!: LineThread<Remote>;
  const exited = new Promise<SluiceError>((onExit) => {
    const workerUrl = new URL('./line-tester.mjs', import.meta.url);
    thread = startLineThread<Remote>({ workerUrl, name: 'tester', doors: { number: (n: number) => n + 1 }, onExit });
  });
  started.push(thread);
  return { thread, exited };
}

describe('a thread on a line', () => {
  it('answers, and asks whoever started it', async () => {
    expect(await threadOf().thread.line.ask('double', 20)).toBe(42);
  });

  it('a warning of Node in it is one of the process that started it', async () => {
    const warned = once(process, 'warning');
    threadOf().thread.line.tell('warn', 'said in a partition');
    expect((await warned)[0]).toMatchObject({ name: 'TestWarning', message: 'said in a partition' });
  });

  it('is ended between two native calls, never inside one', async () => {
    const { thread } = threadOf();
    const words = new SharedArrayBuffer(8);
    const inside = new Int32Array(words);
    thread.line.ask('native', words).catch(() => undefined);
    await expect.poll(() => Atomics.load(inside, 0), { timeout: 240_000, interval: 1 }).toBe(1);
    await thread.terminate();
    expect([...inside]).toEqual([1, 1]);
  });

  it('its end is told once, with the status, and rejects what is open with the same error', async () => {
    const { thread, exited } = threadOf();
    const open = thread.line.ask('never', undefined).catch((thrown: unknown) => thrown);
    thread.line.tell('exit', 7);
    const error = await exited;
    expect(error).toMatchObject({ code: 'worker-exited', details: { worker: 'tester', status: 7 } });
    expect(await open).toBe(error);
  });

  it('what went wrong in it is the cause of its end', async () => {
    const { thread, exited } = threadOf();
    thread.line.tell('crash', undefined);
    expect((await exited).cause).toMatchObject({ message: 'uncaught in the thread' });
  });

  it('the other end cannot be held outside a thread', () => {
    expect(() => lineToOwner(() => ({}))).toThrow(expect.objectContaining({ code: 'bug' }) as Error);
  });
});
