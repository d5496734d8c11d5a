import { describe, expect, it } from 'vitest';
import { CarriedReader } from '../../../src/pipeline/clean/carried.js';
import { maskText } from '../../../src/pipeline/clean/mask.js';

const reader = (...paths: readonly string[]): CarriedReader =>
  new CarriedReader(paths, { masks: true, maxTextLength: 40 });

describe('carried fields', () => {
  it('are what the message has, by their paths', () => {
    const list = { query: '红色 连衣裙', context: { country: 'CN' } };
    const item = {
      title: 'Dress',
      price: 12.5,
      attributes: { new: true },
      vectors: [{ name: 'image', values: [1, 2] }],
    };
    const paths = [
      'query',
      'context.country',
      'items.title',
      'items.price',
      'items.attributes.new',
      'items.vectors.image',
      'items.nothing',
    ];
    expect(reader(...paths).read(list, item, {})).toEqual({
      query: '红色 连衣裙',
      'context.country': 'CN',
      'items.title': 'Dress',
      'items.price': 12.5,
      'items.attributes.new': true,
      'items.vectors.image': Float32Array.of(1, 2),
      'items.nothing': null,
    });
  });

  it('are bounded, well-formed and JSON where they are objects', () => {
    const read = (x: unknown): unknown => reader('items.x').read({}, { x }, {})['items.x'];
    expect(read('x'.repeat(99))).toBe('x'.repeat(40));
    expect(read('\ud800')).toBe('\ufffd');
    expect(read(NaN)).toBeNull();
    expect(read({ a: [1, 'b'] })).toBe('{"a":[1,"b"]}');
    expect(read(['red', 'blue'])).toBe('["red","blue"]');
    expect(read(new Date(0))).toBe('1970-01-01T00:00:00.000Z');
    expect(read(new Array(5_000).fill(1))).toBeNull();
  });

  it('are headers of the record where the path says so, whatever the message calls its own', () => {
    const headers = {
      traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
      'ce.id': 'anna@example.com',
    };
    const paths = ['headers.traceparent', 'headers.ce.id', 'headers.toString'];
    expect(reader(...paths).read({ headers: { traceparent: 'own' } }, {}, headers)).toEqual({
      'headers.traceparent': headers.traceparent.slice(0, 40),
      'headers.ce.id': '[email]',
      'headers.toString': null,
    });
  });

  it('are masked inside objects, too', () => {
    expect(reader('x').read({ x: { to: 'anna@example.com' } }, {}, {})['x']).toBe('{"to":"[email]"}');
  });
});

describe('masking', () => {
  it.each([
    ['write to anna.muster@mail.example.com please', 'write to [email] please'],
    ['call +49 151 555 0199 now', 'call [phone] now'],
    ['电话13812345678谢谢', '电话[phone]谢谢'],
    ['联系anna@example.com谢谢', '联系[email]谢谢'],
    ['(555) 555-0100 or 555-555-0100', '[phone] or [phone]'],
    ['card 4111 1111 1111 1111 ok', 'card [card] ok'],
    ['4111-1111-1111-1111', '[card]'],
  ])('%s → %s', (text, masked) => expect(maskText(text)).toBe(masked));

  it.each([
    'iPhone 15 Pro 256 GB',
    'dress size 38-40 in 100% cotton',
    'order 4111111111111112',
    'ISBN 978-3-16-148410-1',
    'a @ b',
    '12.5 x 30.25 x 1000 mm',
    '2026-11-27 12:30',
  ])('leaves %s alone', (text) => expect(maskText(text)).toBe(text));

  it('takes no longer a character in a long text than in a short one: patterns are bounded', () => {
    for (const part of ['1', '1 ', 'a@', 'a.', '+1', '(555)', '13', 'a'])
      expect(maskText(`${part.repeat(20_000)}|`).endsWith('|')).toBe(true);
  });
});
