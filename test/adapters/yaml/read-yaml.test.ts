import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseYaml, readYaml } from '../../../src/adapters/yaml/index.js';
import { SluiceError } from '../../../src/errors.js';

describe('YAML', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'sluice-yaml-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const write = (text: string): string => {
    const path = join(folder, 'file.yaml');
    writeFileSync(path, text);
    return path;
  };

  it('reads what was written', () => {
    expect(readYaml(write('a: 1\nb: [x, 2.5, null]\n'))).toEqual({ a: 1, b: ['x', 2.5, null] });
    expect(readYaml(write(''))).toBeNull();
  });

  it('reads any JSON as itself', () => {
    fc.assert(
      fc.property(fc.jsonValue({ noUnicodeString: false, maxDepth: 3 }), (value) => {
        const text = JSON.stringify(value);
        expect(parseYaml(text).value).toEqual(JSON.parse(text));
      }),
      { numRuns: 200 },
    );
  });

  it('names every syntax problem with its line', () => {
    const path = write('a: 1\na: 2\nb: [1, 2\nc: 3\n');
    expect(() => readYaml(path)).toThrowError(SluiceError);
    try {
      readYaml(path);
    } catch (thrown) {
      expect((thrown as SluiceError).code).toBe('config-invalid');
      expect((thrown as SluiceError).message).toContain(`${path}, line 2: `);
    }
  });

  it('tells the line of a value, and of its nearest parent when it is not there', () => {
    const source = parseYaml('a:\n  b: 1\n  c:\n    - x\n    - y\n');
    expect(source.lineOf(['a', 'b'])).toBe(2);
    expect(source.lineOf(['a', 'c', 1])).toBe(5);
    expect(source.lineOf(['a', 'c', 1, 'deeper'])).toBe(5);
    expect(source.lineOf(['missing'])).toBe(1);
  });

  it('refuses an alias bomb', () => {
    const bomb = [
      'a: &a [x,x,x,x,x,x,x,x,x,x]',
      ...'bcdefg'.split('').map((name, at) => `${name}: &${name} [${Array(10).fill(`*${'abcdef'[at]}`).join(',')}]`),
    ].join('\n');
    expect(parseYaml(bomb).problems).toHaveLength(1);
  });

  it('says which file cannot be read', () => {
    const path = join(folder, 'absent.yaml');
    expect(() => readYaml(path)).toThrowError(`cannot read ${path}`);
  });
});
