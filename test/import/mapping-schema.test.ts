import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseMapping } from '../../src/import/load-mapping.js';
import { mappingJsonSchema } from '../../src/import/mapping-json-schema.js';
import { parseYaml } from '../../src/adapters/yaml/index.js';
import { isValid } from './json-schema.js';

const PAGE = readFileSync(join(import.meta.dirname, '../../docs/how/mapping.md'), 'utf8');
const SHIPPED = join(import.meta.dirname, '../../docs/examples/mappings');
const EXAMPLES = [
  ...[...PAGE.matchAll(/<!-- example: ([\w-]+) -->\s*```yaml\n([\s\S]*?)```/g)].map(
    ([, name, text]) => [name!, text!] as const,
  ),
  ...readdirSync(SHIPPED).map((name) => [name, readFileSync(join(SHIPPED, name), 'utf8')] as const),
];

describe('the JSON Schema of mapping files', () => {
  const schema = mappingJsonSchema();

  it('the page has examples', () => expect(EXAMPLES.length).toBeGreaterThan(3));

  it.each(EXAMPLES)('takes what the language takes: %s', (_, text) => {
    expect(() => parseMapping(text)).not.toThrow();
    expect(isValid(schema, parseYaml(text).value)).toBe(true);
  });

  it.each([
    ['interactions: [{ type: CLICK, itemId: i, sessionid: s }]'],
    ['impressions: { shape: row-per-row }'],
    ['source: { format: xml }'],
    ['interactions: [{ type: CLICK, itemId: { column: i, split: 3 } }]'],
  ])('refuses what the language refuses: %s', (text) => {
    expect(() => parseMapping(text)).toThrow();
    expect(isValid(schema, parseYaml(text).value)).toBe(false);
  });
});
