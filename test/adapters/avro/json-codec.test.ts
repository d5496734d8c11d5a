import { describe, expect, test } from 'vitest';
import { jsonImpressions, jsonInteractions, jsonSamples } from '../../../src/adapters/avro/index.js';
import { SluiceError } from '../../../src/errors.js';

const lists = jsonImpressions();

function failure(value: Uint8Array): SluiceError {
  try {
    lists.decode(value);
  } catch (error) {
    if (error instanceof SluiceError) return error;
    throw error;
  }
  throw new Error('it decoded');
}

describe('JSON decoding', () => {
  test.each([
    ['bytes that are not UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]), 'not UTF-8'],
    ['an overlong encoding', Buffer.from([0x22, 0xc0, 0xaf, 0x22]), 'not UTF-8'],
    ['nothing', Buffer.alloc(0), 'the JSON ends too early'],
    ['half an object', Buffer.from('{"requestId":"r1"'), 'not JSON at position 17'],
    ['two objects', Buffer.from('{}{}'), 'not JSON at position 2'],
    ['an array', Buffer.from('[{}]'), 'a JSON object was expected, this is an array'],
    ['null', Buffer.from('null'), 'a JSON object was expected, this is null'],
    ['a number', Buffer.from('12'), 'a JSON object was expected, this is a number'],
    ['a text', Buffer.from('"x"'), 'a JSON object was expected, this is a string'],
  ])('%s is undecodable, with size and reason', (_, value, why) => {
    const error = failure(value);
    expect(error.code).toBe('undecodable');
    expect(error.details).toEqual({ format: 'json', bytes: value.byteLength, why });
  });

  test('no error carries text of the payload', () => {
    for (const payload of [
      'secret-session',
      '{"a":secret-session}',
      '{"secret-session":',
      '{"a" "secret-session"}',
      '"secret-session',
    ]) {
      const error = failure(Buffer.from(payload));
      expect(`${error.message} ${JSON.stringify(error.details)} ${String(error.cause)}`).not.toContain('secret');
    }
  });

  test('a byte-order mark is skipped', () => {
    expect(lists.decode(Buffer.from('\ufeff{"requestId":"r1"}'))).toEqual({ requestId: 'r1' });
  });

  test('a view into a larger buffer is read alone', () => {
    const larger = Buffer.from('xx{"requestId":"r1"}yy');
    expect(lists.decode(new Uint8Array(larger.buffer, larger.byteOffset + 2, larger.byteLength - 4))).toEqual({
      requestId: 'r1',
    });
  });

  test('types are as sent, for the clean stage to judge', () => {
    expect(lists.decode(Buffer.from('{"requestId":7,"items":"none"}'))).toEqual({ requestId: 7, items: 'none' });
  });

  test('ten thousand brackets deep is an answer, not a crash', () => {
    const deep = Buffer.from(`${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`);
    expect(() => lists.decode(deep)).not.toThrow();
  });
});

describe('unknown fields', () => {
  test('scalars are kept in context as text; nested values stay where they are', () => {
    const decoded = lists.decode(
      Buffer.from(
        '{"requestId":"r1","shard":3,"isTest":true,"host":"a1","none":null,"nested":{"x":1},"context":{"device":"tv"}}',
      ),
    );
    expect(decoded.context).toEqual({ shard: '3', isTest: 'true', host: 'a1', device: 'tv' });
  });

  test('a key that context has already stays as sent', () => {
    const decoded = lists.decode(Buffer.from('{"device":"phone","context":{"device":"tv"}}'));
    expect(decoded.context).toEqual({ device: 'tv' });
  });

  test('a context that is no map is left for the clean stage', () => {
    expect(lists.decode(Buffer.from('{"shard":3,"context":"tv"}')).context).toBe('tv');
  });

  test('a field named __proto__ reaches no prototype', () => {
    const decoded = jsonInteractions().decode(Buffer.from('{"__proto__":"x","context":{"__proto__":"y"},"shard":1}'));
    expect(Object.getPrototypeOf(decoded.context)).toBe(Object.prototype);
    expect(Object.entries(decoded.context ?? {})).toContainEqual(['shard', '1']);
  });

  test('known fields alone leave the record as parsed', () => {
    expect(lists.decode(Buffer.from('{"requestId":"r1","items":[]}'))).toEqual({ requestId: 'r1', items: [] });
  });

  test('verbatim, fields stay where the producer put them', () => {
    expect(jsonImpressions(true).decode(Buffer.from('{"shard":3}'))).toEqual({ shard: 3 });
  });
});

describe('samples as JSON', () => {
  test('null features are NaN in a Float32Array', () => {
    const { features } = jsonSamples().decode(Buffer.from('{"features":[0.1,null,-3]}'));
    expect(features).toEqual(Float32Array.of(0.1, Number.NaN, -3));
  });
});
