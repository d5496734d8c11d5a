import { describe, expect, it } from 'vitest';
import type { ConfigInput } from '../../../src/config/schema.js';
import { Features, shapeOf } from '../../../src/pipeline/features/features.js';
import { keptColumns } from '../../../src/pipeline/features/kept-columns.js';
import { cleanItem, cleanList, configOf, keyOf, T0 } from '../kit.js';
import { vectorOf } from './streams.js';

const DIMENSION = 8;
const TEXTS = ['red shoe', 'lamp', ''];

/** Rows of a list of the texts under `features.text`, by column name. */
function rowsOf(text: NonNullable<ConfigInput['features']>['text'], query = 'shoe'): Map<string, number>[] {
  const config = configOf({ features: { text } });
  const features = new Features(config, keyOf);
  const items = TEXTS.map((title, at) => cleanItem(`i${at}`, at + 1, { text: title }));
  const list = cleanList('r', T0, items, { query });
  const rows = new Float32Array(items.length * features.width);
  features.locate(list, T0, vectorOf);
  features.write(list, T0, rows);
  const names = keptColumns(config.features).map(({ name }) => name);
  return items.map((_, i) => new Map(names.map((name, at) => [name, rows[i * features.width + at]!])));
}

const block = (row: Map<string, number>, name: string, count = DIMENSION): number[] =>
  Array.from({ length: count }, (_, i) => row.get(`${name}${i}`)!);

describe('columns of text vectors', () => {
  it('are the vector itself where there are as many, and 0 beyond it and without text', () => {
    const rows = rowsOf({ item: DIMENSION + 1, query: DIMENSION, product: DIMENSION });
    const query = [...vectorOf('shoe')];
    TEXTS.forEach((text, i) => {
      const vector = text === '' ? new Array<number>(DIMENSION).fill(0) : [...vectorOf(text)];
      expect(block(rows[i]!, 'textItem')).toEqual(vector);
      expect(rows[i]!.get(`textItem${DIMENSION}`)).toBe(0);
      expect(block(rows[i]!, 'textQuery')).toEqual(query);
      expect(block(rows[i]!, 'textProduct')).toEqual(vector.map((value, at) => Math.fround(value * query[at]! + 0)));
    });
    expect(block(rowsOf({ query: DIMENSION, product: DIMENSION }, '')[0]!, 'textProduct')).toEqual(
      new Array(DIMENSION).fill(0),
    );
  });

  it('fewer are a projection: the same in every process, no longer than the vector', () => {
    const [first, again] = [rowsOf({ item: 3 }), rowsOf({ item: 3 })];
    expect(first).toEqual(again);
    const columns = block(first[0]!, 'textItem', 3);
    expect(columns.every((value) => value !== 0)).toBe(true);
    const vector = vectorOf(TEXTS[0]!);
    const most = vector.reduce((sum, value) => sum + Math.abs(value), 0) / Math.sqrt(DIMENSION);
    for (const value of columns) expect(Math.abs(value)).toBeLessThanOrEqual(most + 1e-6);
    expect(block(first[2]!, 'textItem', 3)).toEqual([0, 0, 0]);
  });

  it('none are there unless asked for, and what is remembered does not depend on them', () => {
    const names = keptColumns(configOf().features).map(({ name }) => name);
    expect(names.filter((name) => name.startsWith('text'))).toEqual([]);
    expect(shapeOf(configOf({ features: { text: { item: 4 } } }), keyOf)).toBe(shapeOf(configOf(), keyOf));
  });
});
