import { describe, expect, test } from 'vitest';
import { fingerprintOf } from '../../../src/adapters/avro/fingerprint.js';

describe('the fingerprint of a schema', () => {
  test.each([
    ['"null"', '8a8f25cce724dd63'],
    ['{"type": "int"}', '8f5c393f1ad57572'],
    ['"string"', 'c70345637248018f'],
    ['{"type":"record","name":"R","fields":[{"name":"a","type":"long"}]}', '9a89b5f44e448d92'],
  ])('of %s is the one that fastavro and the Java library give', (schema, expected) => {
    expect(fingerprintOf(schema)).toBe(expected);
  });

  test('documentation, defaults and order of attributes are no part of it', () => {
    const plain = '{"type":"record","name":"R","fields":[{"name":"a","type":"long"}]}';
    const told =
      '{"fields":[{"doc":"what","default":1,"type":{"type":"long"},"name":"a"}],"doc":"R","name":"R","type":"record"}';
    expect(fingerprintOf(told)).toBe(fingerprintOf(plain));
  });

  test('another field is another fingerprint', () => {
    const of = (name: string) =>
      fingerprintOf(`{"type":"record","name":"R","fields":[{"name":"${name}","type":"int"}]}`);
    expect(of('a')).not.toBe(of('b'));
  });
});
