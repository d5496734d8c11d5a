import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createPseudonymiser } from '../../../src/adapters/hmac/index.js';

const key = Buffer.from('0123456789abcdef0123456789abcdef');

describe('pseudonymiser', () => {
  it('a pseudonym is the first 128 bits of HMAC-SHA256 in hex (RFC 4231, test case 2)', () => {
    expect(createPseudonymiser(Buffer.from('Jefe')).pseudonym('what do ya want for nothing?')).toBe(
      '5bdcc146bf60754e6a042426089575c7',
    );
  });

  it('remembering changes nothing: any sequence of identifiers gives what HMAC alone gives', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ maxLength: 2 }), { maxLength: 60 }),
        fc.integer({ min: 1, max: 5 }),
        (ids, n) => {
          const { pseudonym } = createPseudonymiser(key, n);
          return ids.every((id) => pseudonym(id) === createHmac('sha256', key).update(id).digest('hex').slice(0, 32));
        },
      ),
    );
  });

  it('two keys share neither pseudonyms nor key id', () => {
    const [one, other] = [createPseudonymiser(key), createPseudonymiser(Buffer.from('another key of enough bytes'))];
    expect(one.keyId).toMatch(/^[0-9a-f]{8}$/);
    expect(one.keyId).not.toBe(other.keyId);
    expect(one.pseudonym('u1')).not.toBe(other.pseudonym('u1'));
  });
});
