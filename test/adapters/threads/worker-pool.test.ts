import { once } from 'node:events';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { SluiceError } from '../../../src/errors.js';
import { WorkerPool, type WorkerPoolOptions } from '../../../src/adapters/threads/index.js';

interface Order {
  readonly do: 'echo' | 'warn' | 'double' | 'give' | 'refuse' | 'fail' | 'exit' | 'crash' | 'spin' | 'unclonable';
  readonly value?: unknown;
  readonly values?: Float32Array;
}
interface Echo {
  readonly value: unknown;
  readonly workerId: number;
}

const open: WorkerPool<Order, unknown>[] = [];

let kind: 'thread' | 'process' = 'thread';

function poolOf(options: Partial<WorkerPoolOptions> = {}): WorkerPool<Order, unknown> {
  const pool = new WorkerPool<Order, unknown>({
    workerUrl: new URL('./tester.mjs', import.meta.url),
    size: 1,
    name: 'tester',
    kind,
    ...options,
  });
  open.push(pool);
  return pool;
}

const echo = async (pool: WorkerPool<Order, unknown>, value: unknown) =>
  (await pool.run({ do: 'echo', value })) as Echo;

afterEach(async () => {
  await Promise.all(open.splice(0).map((pool) => pool.close()));
});

describe.each(['thread', 'process'] as const)('worker pool of kind %s', (given) => {
  beforeAll(() => {
    kind = given;
  });

  it('every request gets its own answer, in whatever order threads finish', async () => {
    const pool = poolOf({ size: 2 });
    const answers = await Promise.all(Array.from({ length: 100 }, (_, value) => echo(pool, value)));
    expect(answers.map((answer) => answer.value)).toEqual(Array.from({ length: 100 }, (_, value) => value));
    expect(pool.pendingCount).toBe(0);
  });

  it('a warning of Node in a worker is one of the process that started it', async () => {
    const warned = once(process, 'warning');
    await poolOf().run({ do: 'warn' });
    expect((await warned)[0]).toMatchObject({ name: 'TestWarning', message: 'said in a worker' });
  });

  it('all workers work', async () => {
    const pool = poolOf({ size: 2 });
    await pool.ready();
    const answers = await Promise.all(Array.from({ length: 20 }, (_, value) => echo(pool, value)));
    expect(new Set(answers.map((answer) => answer.workerId)).size).toBe(2);
  });

  it('buffers go both ways; to a thread they move instead of being copied', async () => {
    const pool = poolOf();
    const values = new Float32Array([1, 2]);
    expect(await pool.run({ do: 'double', values }, { transfer: [values.buffer] })).toEqual(new Float32Array([2, 4]));
    expect(values.length).toBe(given === 'thread' ? 0 : 2);
    expect(await pool.run({ do: 'give' })).toEqual(new Float32Array([1, 2, 3]));
  });

  it('what the worker throws rejects that request alone, with its code and details', async () => {
    const pool = poolOf();
    const refused: unknown = await pool.run({ do: 'refuse' }).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(SluiceError);
    expect(refused).toMatchObject({
      code: 'fit-failed',
      details: { learner: 'forest', rows: 3, why: 'only one class' },
    });
    await expect(pool.run({ do: 'fail' })).rejects.toMatchObject({ name: 'RangeError', message: 'plain failure' });
    expect((await echo(pool, 1)).value).toBe(1);
  });

  it('a response that cannot be cloned rejects, and the thread lives on', async () => {
    const pool = poolOf();
    await expect(pool.run({ do: 'unclonable' })).rejects.toThrow('could not be cloned');
    expect((await echo(pool, 2)).value).toBe(2);
  });

  it('a request that cannot be cloned rejects, and the thread lives on', async () => {
    const pool = poolOf();
    await expect(pool.run({ do: 'echo', value: () => 0 })).rejects.toThrow('could not be cloned');
    expect((await echo(pool, 3)).value).toBe(3);
  });

  it('a thread that exits rejects what it was doing with worker-exited, and is started again for the rest', async () => {
    const exits: [SluiceError, boolean][] = [];
    const pool = poolOf({ onExit: (error, willRestart) => exits.push([error, willRestart]) });
    const dying = pool.run({ do: 'exit' });
    const next = echo(pool, 'after');
    await expect(dying).rejects.toMatchObject({ code: 'worker-exited', details: { worker: 'tester-0', status: 7 } });
    expect((await next).value).toBe('after');
    expect(exits).toHaveLength(1);
    expect(exits[0]![1]).toBe(true);
  });

  it('an uncaught error in a worker is the cause of its exit', async () => {
    const crashed: unknown = await poolOf()
      .run({ do: 'crash' })
      .catch((error: unknown) => error);
    expect(crashed).toMatchObject({
      code: 'worker-exited',
      cause: { message: expect.stringContaining('uncaught in the worker') as string },
    });
  });

  it('restarts are bounded: then everything waiting and everything later rejects', async () => {
    const exits: boolean[] = [];
    const pool = poolOf({ maxRestarts: 2, onExit: (_, willRestart) => exits.push(willRestart) });
    const runs = await Promise.allSettled(Array.from({ length: 6 }, () => pool.run({ do: 'exit' })));
    expect(runs.map((run) => run.status === 'rejected' && (run.reason as SluiceError).code)).toEqual(
      Array<string>(6).fill('worker-exited'),
    );
    expect(exits).toEqual([true, true, false]);
    await expect(pool.run({ do: 'echo' })).rejects.toMatchObject({ code: 'worker-exited' });
  });

  it('an answer in between makes the restarts count anew', async () => {
    const pool = poolOf({ maxRestarts: 1 });
    for (let round = 0; round < 4; round++) {
      await expect(pool.run({ do: 'exit' })).rejects.toMatchObject({ code: 'worker-exited' });
      expect((await echo(pool, round)).value).toBe(round);
    }
  });

  it('a cancelled request ends even a worker that never yields, and the next one gets a fresh thread', async () => {
    const exits: boolean[] = [];
    const pool = poolOf({ maxRestarts: 0, onExit: (_, willRestart) => exits.push(willRestart) });
    const before = await echo(pool, 'before');
    const controller = new AbortController();
    const spinning = pool.run({ do: 'spin' }, { signal: controller.signal });
    const after = echo(pool, 'after');
    controller.abort();
    await expect(spinning).rejects.toMatchObject({ name: 'AbortError' });
    expect((await after).workerId).not.toBe(before.workerId);
    expect(exits).toEqual([]);
  });

  it('a request cancelled while it waits never runs, and the running one is left alone', async () => {
    const pool = poolOf();
    const controller = new AbortController();
    const running = echo(pool, 'running');
    const waiting = pool.run({ do: 'exit' }, { signal: controller.signal });
    controller.abort();
    await expect(waiting).rejects.toMatchObject({ name: 'AbortError' });
    const first = await running;
    expect((await echo(pool, 'next')).workerId).toBe(first.workerId);
    await expect(pool.run({ do: 'exit' }, { signal: controller.signal })).rejects.toMatchObject({ name: 'AbortError' });
  });

  it('a worker that cannot open tells why, and what waited rejects', async () => {
    const pool = poolOf({ workerData: { unstartable: true }, size: 2 });
    const waiting = pool.run({ do: 'echo' });
    const failed = expect(waiting).rejects.toMatchObject({
      code: 'worker-exited',
      cause: { code: 'encoder-file-invalid' },
    });
    await expect(pool.ready()).rejects.toMatchObject({ code: 'encoder-file-invalid', details: { why: 'torn' } });
    await failed;
  });

  it('close rejects the running, the waiting and the later with AbortError, and may be called twice', async () => {
    const pool = poolOf();
    const spinning = pool.run({ do: 'spin' });
    const waiting = pool.run({ do: 'echo' });
    const outcomes = Promise.allSettled([spinning, waiting]);
    await pool.close();
    await pool.close();
    for (const outcome of await outcomes)
      expect(outcome).toMatchObject({ status: 'rejected', reason: { name: 'AbortError' } });
    await expect(pool.run({ do: 'echo' })).rejects.toMatchObject({ name: 'AbortError' });
    await expect(pool.ready()).rejects.toMatchObject({ name: 'AbortError' });
    expect(pool.pendingCount).toBe(0);
  });

  it('a worker that is not built is said by its path', () => {
    expect(() => poolOf({ workerUrl: new URL('./absent.mjs', import.meta.url) })).toThrow(/absent\.mjs.*npm run build/);
  });

  it('a thread is not ended while it loads its code, and native libraries with it', async () => {
    const words = new SharedArrayBuffer(4);
    const where = new Int32Array(words);
    const workerUrl = new URL('./slow-to-load.mjs', import.meta.url);
    const pool = new WorkerPool({ workerUrl, size: 1, name: 'slow', workerData: words });
    await expect.poll(() => Atomics.load(where, 0), { timeout: 240_000, interval: 1 }).toBe(1);
    await pool.close();
    expect(Atomics.load(where, 0)).toBe(2);
  });
});
