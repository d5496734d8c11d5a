import { afterEach, describe, expect, it } from 'vitest';
import { silentLogger } from '../../../../src/adapters/memory/index.js';
import { openServerEncoder, serverEncoderId } from '../../../../src/adapters/onnx/encoder/server/server-encoder.js';
import { configSchema, type Config, type ConfigInput } from '../../../../src/config/schema.js';
import type { Encoder } from '../../../../src/ports/encoder.js';
import { FakeEmbeddingServer, vectorOf } from './fake-embedding-server.js';

const TOKEN = 'a-very-secret-token';
const settingsOf = (server: NonNullable<ConfigInput['encoder']>['server'], rest = {}): Config['encoder'] =>
  configSchema.parse({ encoder: { kind: 'http', server, ...rest } }).encoder;
const unit = (vector: number[]): number[] => {
  const norm = Math.hypot(...vector);
  return vector.map((value) => value / norm);
};

describe('an encoder that asks a server', () => {
  const opened: { close(): Promise<void> }[] = [];
  afterEach(async () => {
    for (const one of opened.splice(0).reverse()) await one.close();
  });

  async function world(server: NonNullable<ConfigInput['encoder']>['server'] = {}, rest = {}) {
    const fake = new FakeEmbeddingServer();
    const url = await fake.listen();
    opened.push(fake);
    const pauses: number[] = [];
    const told: (string | undefined)[] = [];
    const logged: string[] = [];
    const note = (message: string, facts?: object): void => void logged.push(message + JSON.stringify(facts ?? {}));
    const deps = {
      logger: { ...silentLogger, info: note, warn: note, error: note, debug: note },
      clock: { sleep: (ms: number) => Promise.resolve(pauses.push(ms) > 0) },
      env: { ENCODER_TOKEN: TOKEN },
      onWaiting: (why: string | undefined) => void told.push(why),
    };
    const open = async (): Promise<Encoder> => {
      const encoder = await openServerEncoder(settingsOf({ url, ...server }, rest), deps);
      opened.push(encoder);
      return encoder;
    };
    return { fake, open, pauses, told, logged };
  }

  it.each([
    ['tei', '/embed'],
    ['openai', '/v1/embeddings'],
  ] as const)('speaks %s: unit vectors in order, in bounded batches, with prefix and token', async (api, path) => {
    const server = { api, model: 'm1', batchTexts: 4, tokenEnv: 'ENCODER_TOKEN' };
    const { fake, open, logged } = await world(server, { prefix: 'query: ' });
    const encoder = await open();
    expect(encoder.dimensions).toBe(8);
    const texts = Array.from({ length: 11 }, (_, i) => `text ${i}`);
    const vectors = await encoder.encode(texts);
    texts.forEach((text, i) => {
      const expected = unit(vectorOf(`query: ${text}`));
      vectors[i]!.forEach((value, at) => expect(value).toBeCloseTo(expected[at]!, 6));
    });
    expect(fake.asked.every((asked) => asked.path === path && asked.texts.length <= 4)).toBe(true);
    expect(new Set(fake.asked.map(({ authorization }) => authorization))).toEqual(new Set([`Bearer ${TOKEN}`]));
    if (api === 'openai') expect(fake.asked[0]!.body['model']).toBe('m1');
    expect(logged.join()).not.toContain(TOKEN);
  });

  it('waits for a server that is down, busy or silent for as long as it takes, says so once, and loses nothing', async () => {
    const { fake, open, pauses, told } = await world({ timeoutMs: 300 });
    const encoder = await open();
    const faults = [503, 429, 500, 408, 502].map((status) => ({ status }));
    let number = 0;
    fake.fault = () => {
      number++;
      return number === 6 ? 'silence' : faults[number - 1];
    };
    const [vector] = await encoder.encode(['shoe']);
    vector!.forEach((value, at) => expect(value).toBeCloseTo(unit(vectorOf('shoe'))[at]!, 6));
    expect(pauses).toEqual([200, 400, 800, 1_600, 3_200, 5_000]);
    expect(told).toEqual(['status 503', undefined]);
  });

  it('a server that is not there yet is waited for, and closing ends the wait', async () => {
    const down = new FakeEmbeddingServer();
    const url = await down.listen();
    await down.close();
    let tries = 0;
    const back = new FakeEmbeddingServer();
    opened.push(back);
    const clock = {
      sleep: async (): Promise<boolean> => {
        if (++tries === 3) await back.listen(Number(new URL(url).port));
        return true;
      },
    };
    const encoder = await openServerEncoder(settingsOf({ url }), { logger: silentLogger, clock, env: {} });
    expect(tries).toBe(3);
    await back.close();
    opened.pop();
    const waits = {
      sleep: async (): Promise<boolean> => {
        tries++;
        await encoder.close();
        return false;
      },
    };
    clock.sleep = waits.sleep;
    await expect(encoder.encode(['late'])).rejects.toMatchObject({ code: 'encoder-failed' });
  });

  it('a text that the server refuses is halved, and its neighbours have their own vectors', async () => {
    const { fake, open } = await world({ batchTexts: 8 });
    const encoder = await open();
    fake.fault = ({ texts }) => (texts.some((text) => text.length > 50) ? { status: 413 } : undefined);
    const long = 'x'.repeat(150);
    const [short, cut] = await encoder.encode(['short', long]);
    expect(short![0]).toBeCloseTo(unit(vectorOf('short'))[0]!, 6);
    expect(cut![0]).toBeCloseTo(unit(vectorOf('x'.repeat(37)))[0]!, 6);
  });

  it.each<[string, Parameters<typeof String>[0], { status: number } | { body: string }]>([
    ['a token that is not taken', 'status 401', { status: 401 }],
    ['an answer that is not JSON', 'not JSON', { body: '<html>' }],
    ['too few vectors', '0 vectors for 1', { body: '[]' }],
    ['another dimension', '3 numbers', { body: '[[1,2,3]]' }],
    ['no numbers', 'no finite length', { body: '[["a","b"]]' }],
    ['no vector at all', 'no list', { body: '[null]' }],
  ])('%s is refused, for a person to change', async (_, why, fault) => {
    const { fake, open } = await world();
    const encoder = await open();
    fake.fault = () => fault;
    const failure = encoder.encode(['shoe']);
    await expect(failure).rejects.toMatchObject({ code: 'encoder-server-refused' });
    await expect(failure).rejects.toThrow(String(why));
  });

  it('vectors of two models, prefixes or forms have two ids; address, batches and patience change none', () => {
    const id = serverEncoderId(settingsOf({ model: 'a' }));
    expect(serverEncoderId(settingsOf({ model: 'a', url: 'http://127.0.0.1:1', batchTexts: 2, timeoutMs: 5 }))).toBe(
      id,
    );
    const others = [settingsOf({ model: 'b' }), settingsOf({ model: 'a', api: 'openai' }), settingsOf({ model: 'a' }, { prefix: 'p' }), settingsOf({ model: 'a' }, { textForm: 'nfkc' })]; // prettier-ignore
    expect(new Set([id, ...others.map(serverEncoderId)]).size).toBe(5);
  });
});
