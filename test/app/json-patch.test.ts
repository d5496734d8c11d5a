import { describe, expect, test } from 'vitest';
import { applyPatch, changesBetween, parsePatch } from '../../src/app/json-patch.js';

/** Document, patch, result: the examples of RFC 6902, appendix A. */
const EXAMPLES: readonly (readonly [string, unknown, object[], unknown])[] = [
  ['A.1', { foo: 'bar' }, [{ op: 'add', path: '/baz', value: 'qux' }], { baz: 'qux', foo: 'bar' }],
  ['A.2', { foo: ['bar', 'baz'] }, [{ op: 'add', path: '/foo/1', value: 'qux' }], { foo: ['bar', 'qux', 'baz'] }],
  ['A.3', { baz: 'qux', foo: 'bar' }, [{ op: 'remove', path: '/baz' }], { foo: 'bar' }],
  ['A.4', { foo: ['bar', 'qux', 'baz'] }, [{ op: 'remove', path: '/foo/1' }], { foo: ['bar', 'baz'] }],
  ['A.5', { baz: 'qux', foo: 'bar' }, [{ op: 'replace', path: '/baz', value: 'boo' }], { baz: 'boo', foo: 'bar' }],
  [
    'A.6',
    { foo: { bar: 'baz', waldo: 'fred' }, qux: { corge: 'grault' } },
    [{ op: 'move', from: '/foo/waldo', path: '/qux/thud' }],
    { foo: { bar: 'baz' }, qux: { corge: 'grault', thud: 'fred' } },
  ],
  [
    'A.7',
    { foo: ['all', 'grass', 'cows', 'eat'] },
    [{ op: 'move', from: '/foo/1', path: '/foo/3' }],
    { foo: ['all', 'cows', 'eat', 'grass'] },
  ],
  [
    'A.8',
    { baz: 'qux', foo: ['a', 2, 'c'] },
    [
      { op: 'test', path: '/baz', value: 'qux' },
      { op: 'test', path: '/foo/1', value: 2 },
    ],
    { baz: 'qux', foo: ['a', 2, 'c'] },
  ],
  [
    'A.10',
    { foo: 'bar' },
    [{ op: 'add', path: '/child', value: { grandchild: {} } }],
    { foo: 'bar', child: { grandchild: {} } },
  ],
  ['A.14', { '/': 9, '~1': 10 }, [{ op: 'test', path: '/~01', value: 10 }], { '/': 9, '~1': 10 }],
  ['A.16', { foo: ['bar'] }, [{ op: 'add', path: '/foo/-', value: ['abc', 'def'] }], { foo: ['bar', ['abc', 'def']] }],
];

describe('a JSON patch', () => {
  test.each(EXAMPLES)('does what RFC 6902 says: %s', (_name, document, patch, result) => {
    const before = structuredClone(document);
    expect(applyPatch(document, parsePatch(JSON.stringify(patch)))).toEqual(result);
    expect(document).toEqual(before);
  });

  test.each([
    ['A.9', { baz: 'qux' }, { op: 'test', path: '/baz', value: 'bar' }],
    ['A.12', { foo: 'bar' }, { op: 'add', path: '/baz/bat', value: 'qux' }],
    ['A.15', { '/': 9, '~1': 10 }, { op: 'test', path: '/~01', value: '10' }],
    ['a place that is none', { foo: [] }, { op: 'replace', path: '/foo/0', value: 1 }],
    ['a field that is not there', {}, { op: 'remove', path: '/foo' }],
  ])('fails where it does not fit, and says at which operation: %s', (_name, document, operation) => {
    expect(() => applyPatch(document, parsePatch(JSON.stringify([operation])))).toThrow(/^operation 0 \(/);
  });

  test.each([
    '{',
    '{}',
    '[{"op":"put","path":"/a"}]',
    '[{"op":"add","path":"/a"}]',
    '[{"op":"move","path":"/a"}]',
    '[{"op":"remove","path":"a"}]',
  ])('is refused when it is none: %s', (text) => {
    expect(() => parsePatch(text)).toThrow(expect.objectContaining({ code: 'patch-invalid' }) as Error);
  });

  test('shows the leaves that it changed', () => {
    expect(changesBetween({ a: 1, b: { c: [1, 2] }, d: 4 }, { a: 1, b: { c: [1, 3] }, e: 5 })).toEqual([
      { path: '/b/c/1', before: 2, after: 3 },
      { path: '/d', before: 4, after: undefined },
      { path: '/e', before: undefined, after: 5 },
    ]);
  });
});
