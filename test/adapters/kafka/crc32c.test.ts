import { describe, expect, test } from 'vitest';
import { crc32c } from '../../../src/adapters/kafka/crc32c.js';

describe('the checksum of a batch', () => {
  // RFC 3720, appendix B.4.
  test.each([
    ['32 zero bytes', Buffer.alloc(32), 0x8a9136aa],
    ['32 bytes of ones', Buffer.alloc(32, 0xff), 0x62a8ab43],
    ['rising bytes', Buffer.from(Array.from({ length: 32 }, (_, n) => n)), 0x46dd794e],
    ['123456789', Buffer.from('123456789'), 0xe3069283],
    ['nothing', Buffer.alloc(0), 0],
  ])('of %s is the one of the standard', (_, bytes, expected) => {
    expect(crc32c(bytes)).toBe(expected);
  });
});
