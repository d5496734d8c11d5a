import { MessageChannel } from 'node:worker_threads';
import { afterEach, describe, expect, it } from 'vitest';
import { Line, type Doors } from '../../../src/adapters/threads/line.js';
import { Transferred } from '../../../src/adapters/threads/serve.js';
import { SluiceError } from '../../../src/errors.js';

const channels: MessageChannel[] = [];
afterEach(() => channels.splice(0).forEach(({ port1 }) => port1.close()));

/** Both ends of a line, as two threads would have them. */
function ends<Here extends Doors, There extends Doors>(here: Here, there: There): [Line<There>, Line<Here>] {
  const channel = new MessageChannel();
  channels.push(channel);
  const left = new Line<There>(here, (message, transfer) => channel.port1.postMessage(message, [...transfer]));
  const right = new Line<Here>(there, (message, transfer) => channel.port2.postMessage(message, [...transfer]));
  channel.port1.on('message', (message) => left.hear(message));
  channel.port2.on('message', (message) => right.hear(message));
  return [left, right];
}

describe('a line between two threads', () => {
  it('answers any number of open questions, each with its own answer', async () => {
    const releases: (() => void)[] = [];
    const [left] = ends(
      {},
      {
        late: (n: number) =>
          new Promise<number>((resolve) => {
            releases.unshift(() => resolve(n * 10));
            if (releases.length === 3) releases.forEach((release) => release());
          }),
      },
    );
    expect(await Promise.all([1, 2, 3].map((n) => left.ask('late', n)))).toEqual([10, 20, 30]);
  });

  it('keeps the order of what is told and answered', async () => {
    const heard: string[] = [];
    const [left, right] = ends(
      { note: (text: string) => void heard.push(text) },
      {
        work: (text: string) => {
          right.tell('note', `${text} begun`);
          return text;
        },
      },
    );
    heard.push(await left.ask('work', 'a'));
    expect(heard).toEqual(['a begun', 'a']);
  });

  it('moves the buffers of an answer', async () => {
    const bytes = new Uint8Array([1, 2, 3]);
    const [left] = ends({}, { take: () => new Transferred(bytes, [bytes.buffer]) });
    expect(await left.ask('take', undefined)).toEqual(new Uint8Array([1, 2, 3]));
    expect(bytes.length).toBe(0);
  });

  it('an error of the table arrives as one; a mistake keeps its class', async () => {
    const [left] = ends(
      {},
      {
        fenced: () => {
          throw new SluiceError('fenced', { partition: 3 });
        },
        mistake: () => {
          throw new TypeError('x is not a function');
        },
      },
    );
    await expect(left.ask('fenced', undefined)).rejects.toMatchObject({ code: 'fenced', details: { partition: 3 } });
    await expect(left.ask('mistake', undefined)).rejects.toBeInstanceOf(TypeError);
  });

  it('an error that comes back to where it is from is the same object', async () => {
    const own = new SluiceError('fenced', { partition: 0 });
    const commit = (): void => {
      throw own;
    };
    const back: { line?: Line<{ commit: typeof commit }> } = {};
    const live = async (): Promise<void> => back.line?.ask('commit', undefined);
    const [left, right] = ends({ commit }, { live });
    back.line = right;
    const met = await left.ask('live', undefined).catch((thrown: unknown) => thrown);
    expect(met).toBe(own);
  });

  it('rejects what is open, and whatever is asked later, when the other end is gone', async () => {
    const [left] = ends({}, { never: () => new Promise(() => undefined) });
    const open = left.ask('never', undefined);
    const gone = new SluiceError('worker-exited', { worker: 'w', status: 1 });
    left.end(gone);
    await expect(open).rejects.toBe(gone);
    await expect(left.ask('never', undefined)).rejects.toBe(gone);
  });

  it('a door that is not there is a bug', async () => {
    const [left] = ends({}, {} as { nowhere: () => void });
    await expect(left.ask('nowhere', undefined)).rejects.toMatchObject({ code: 'bug' });
  });
});
