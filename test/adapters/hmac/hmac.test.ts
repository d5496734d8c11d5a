import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createPseudonymiser } from '../../../src/adapters/hmac/index.js';

const key = Buffer.from('0123456789abcdef0123456789abcdef');

describe('pseudonymiser', () => {
  it('a pseudonym is the first 128 bits of HMAC-SHA256 over kind and identifier, in hex', () => {
    const expected = createHmac('sha256', key).update('session\0s1').digest('hex').slice(0, 32);
    expect(createPseudonymiser(key).pseudonym('session', 's1')).toBe(expected);
  });

  it('remembering changes nothing: any sequence of identifiers gives what HMAC alone gives', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ maxLength: 2 }), { maxLength: 60 }),
        fc.integer({ min: 1, max: 5 }),
        (ids, recentCount) => {
          const { pseudonym } = createPseudonymiser(key, { recentCount });
          const plain = (id: string): string =>
            createHmac('sha256', key).update(`user\0${id}`).digest('hex').slice(0, 32);
          return ids.every((id) => pseudonym('user', id) === plain(id));
        },
      ),
    );
  });

  it('one identifier has another pseudonym as a session, a user and a request', () => {
    const { pseudonym } = createPseudonymiser(key);
    expect(new Set([pseudonym('session', 'x'), pseudonym('user', 'x'), pseudonym('request', 'x')]).size).toBe(3);
  });

  it('two keys share neither pseudonyms nor key id, and neither do two applications that ask for their own', () => {
    const makers = [
      createPseudonymiser(key),
      createPseudonymiser(Buffer.from('another key of enough bytes')),
      createPseudonymiser(key, { application: 'one' }),
      createPseudonymiser(key, { application: 'two' }),
    ];
    for (const { keyId } of makers) expect(keyId).toMatch(/^[0-9a-f]{8}$/);
    expect(new Set(makers.map(({ keyId }) => keyId)).size).toBe(4);
    expect(new Set(makers.map(({ pseudonym }) => pseudonym('user', 'u1'))).size).toBe(4);
  });
});
