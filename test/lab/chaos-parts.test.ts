import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { seededRandom, systemClock } from '../../src/adapters/system/index.js';
import { Door, Frames } from '../../src/lab/chaos/door.js';
import { slices } from '../../src/lab/chaos/feed.js';
import { planHarms } from '../../src/lab/chaos/harms.js';
import { KAFKA_BORDER_HARMS } from '../../src/lab/chaos/kafka-border.js';
import { drawMoments, moments } from '../../src/lab/chaos/moments.js';

const frameOf = (text: string): Buffer => {
  const length = Buffer.alloc(4);
  length.writeInt32BE(Buffer.byteLength(text));
  return Buffer.concat([length, Buffer.from(text)]);
};

describe('frames', () => {
  it('come out whole, however the stream is cut', () => {
    fc.assert(
      fc.property(fc.array(fc.string()), fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }), (texts, cuts) => {
        const stream = Buffer.concat(texts.map(frameOf));
        const frames = new Frames();
        const out: string[] = [];
        for (let at = 0, n = 0; at < stream.length; n++) {
          const piece = stream.subarray(at, at + cuts[n % cuts.length]!);
          out.push(...frames.take(piece).map((frame) => frame.subarray(4).toString()));
          at += piece.length;
        }
        expect(out).toEqual(texts);
      }),
    );
  });
});

describe('a door', () => {
  const opened: { close: () => unknown }[] = [];
  afterEach(async () => {
    for (const one of opened.splice(0).reverse()) await one.close();
  });

  /** An echo behind a door, and a client in front of it. */
  async function doorWithClient(): Promise<{ door: Door; client: Socket; port: number; next: () => Promise<string> }> {
    const echo = createServer((socket) => socket.on('error', () => undefined).pipe(socket));
    await listening(echo);
    const door = new Door(portOf(echo), systemClock);
    const free = createServer();
    await listening(free);
    const port = portOf(free);
    await new Promise((resolve) => free.close(resolve));
    await door.listen(port);
    const client = connect({ host: '127.0.0.1', port });
    opened.push({ close: () => echo.close() }, door, { close: () => client.destroy() });
    const frames = new Frames();
    const got: string[] = [];
    let wake = (): void => undefined;
    client
      .on('error', () => undefined)
      .on('data', (chunk: Buffer) => {
        got.push(...frames.take(chunk).map((frame) => frame.subarray(4).toString()));
        wake();
      });
    const next = async (): Promise<string> => {
      while (got.length === 0) await new Promise<void>((resolve) => (wake = resolve));
      return got.shift()!;
    };
    return { door, client, port, next };
  }

  it('passes on what comes, in order, and shows every request and its answer', async () => {
    const { door, client, next } = await doorWithClient();
    const seen: string[] = [];
    const answered = new Promise<void>((resolve) => {
      door.onRequest = ({ frame, answered: isAnswered }) => {
        seen.push(frame.subarray(4).toString());
        void isAnswered.then(resolve);
        return true;
      };
    });
    client.write(Buffer.concat([frameOf('one'), frameOf('two')]));
    expect([await next(), await next()]).toEqual(['one', 'two']);
    await answered;
    expect(seen).toEqual(['one', 'two']);
  });

  it('swallows a request when told to', async () => {
    const { door, client, next } = await doorWithClient();
    door.onRequest = ({ frame }) => !frame.includes('swallowed');
    client.write(Buffer.concat([frameOf('swallowed'), frameOf('passed')]));
    expect(await next()).toBe('passed');
  });

  it('that is silent holds everything until it opens again', async () => {
    const { door, client, next } = await doorWithClient();
    client.write(frameOf('before'));
    expect(await next()).toBe('before');
    door.set('silent');
    client.write(frameOf('held'));
    const first = await Promise.race([next(), systemClock.sleep(200)]);
    expect(first).toBe(true);
    door.set('open');
    client.write(frameOf('after'));
    expect([await next(), await next()].sort()).toEqual(['after', 'held']);
  });

  it('that is cut resets what is connected and refuses the next', async () => {
    const { door, client, port, next } = await doorWithClient();
    client.write(frameOf('before'));
    await next();
    const closed = new Promise((resolve) => client.once('close', resolve));
    door.set('cut');
    await closed;
    const again = connect({ host: '127.0.0.1', port });
    const answers: string[] = [];
    again.on('data', (chunk: Buffer) => answers.push(chunk.toString()));
    again.on('error', () => undefined).write(frameOf('refused'));
    await new Promise<void>((resolve) => again.once('close', () => resolve()));
    expect(answers).toEqual([]);
  });
});

describe('a plan of harms', () => {
  it('has as many kills as asked for, every broker, every moment in its turn, and is the same for the same seed', () => {
    const plan = (seed: number) =>
      planHarms(100, 'p.', 3, 3_000, seededRandom(seed)).map(({ kind, at }) => `${kind}/${at}`);
    const kills = plan(1).filter((each) => each.startsWith('kill'));
    expect(kills).toHaveLength(100);
    expect(new Set(kills).size).toBe(moments('p.').length);
    for (const broker of [1, 2, 3]) expect(plan(1)).toContain(`broker killed/broker ${broker}`);
    for (const kind of ['cut', 'silence', 'delay', 'one by one', 'all at once'])
      expect(plan(1).some((each) => each.startsWith(kind))).toBe(true);
    expect(plan(1)).toEqual(plan(1));
    expect(plan(1)).not.toEqual(plan(2));
  });

  it('has a broker killed and a cut, however short it is', () => {
    const kinds = planHarms(1, 'p.', 3, 3_000, seededRandom(3)).map(({ kind }) => kind);
    expect(kinds.sort()).toEqual(['broker killed', 'cut', 'kill −9', ...KAFKA_BORDER_HARMS].sort());
  });

  it('takes every moment once before one comes again', () => {
    const all = moments('p.');
    const drawn = drawMoments(all, 2 * all.length, seededRandom(4));
    for (const round of [drawn.slice(0, all.length), drawn.slice(all.length)])
      expect(new Set(round)).toEqual(new Set(all));
  });
});

describe('slices', () => {
  it('are all of it, in order, as many as asked for and about as long', () => {
    fc.assert(
      fc.property(fc.array(fc.integer()), fc.integer({ min: 1, max: 20 }), (records, count) => {
        const parts = slices(records, count);
        expect(parts.flat()).toEqual(records);
        expect(parts).toHaveLength(count);
        const lengths = parts.map(({ length }) => length);
        expect(Math.max(...lengths) - Math.min(...lengths)).toBeLessThanOrEqual(1);
      }),
    );
  });
});

function listening(server: Server): Promise<void> {
  return new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}
