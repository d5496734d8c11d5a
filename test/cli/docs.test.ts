import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { generatedPages } from '../../src/cli/docs/index.js';
import { ERRORS } from '../../src/errors.js';

const DOCS = join(import.meta.dirname, '../../docs');

describe('generated pages', () => {
  test.each(generatedPages().map(({ file, text }) => [file, text]))(
    'docs/%s is what the code says (npm run build && node scripts/generate-docs.mjs writes it)',
    (file, text) => {
      expect(existsSync(join(DOCS, file))).toBe(true);
      expect(readFileSync(join(DOCS, file), 'utf8')).toBe(text);
    },
  );

  test('docs/reference/errors.md has a heading for every code and no other', () => {
    const headings = [...readFileSync(join(DOCS, 'reference/errors.md'), 'utf8').matchAll(/^### (.+)$/gm)].map(
      (match) => match[1],
    );
    expect(headings.sort()).toEqual(Object.keys(ERRORS).sort());
  });
});
