import assert from 'node:assert/strict';
import type { OwnValue, Sent } from '../../own/parts.js';
import { eachItem } from './messages.js';
import type { Law } from './law.js';

/** What every column of a plugin keeps, whatever it makes of a message. */
export function columnLaws(value: OwnValue): readonly Law[] {
  const ofEach = (check: (item: Sent, list: Sent) => void) => () => eachItem(check);
  return [
    {
      name: 'reads a full message, a bare one and one of nulls without throwing',
      check: ofEach((...of) => void value(...of)),
    },
    {
      name: 'gives a number, boolean, text, time, or list of texts or numbers, or nothing',
      check: ofEach((...of) => {
        const made = value(...of);
        assert.ok(isReadable(made), `it gives ${typeof made === 'object' ? JSON.stringify(made) : String(made)}`);
      }),
    },
    {
      name: 'is a function of the message alone: twice the same',
      check: ofEach((item, list) => {
        const first = value(structuredClone(item), structuredClone(list));
        assert.deepEqual(value(item, list), first);
      }),
    },
    {
      name: 'leaves the message as it was',
      check: ofEach((item, list) => {
        const [itemBefore, listBefore] = [structuredClone(item), structuredClone(list)];
        value(item, list);
        assert.deepEqual([item, list], [itemBefore, listBefore]);
      }),
    },
  ];
}

function isReadable(value: unknown): boolean {
  const isPlain = (one: unknown): boolean => ['number', 'boolean', 'string'].includes(typeof one);
  if (value === undefined || value === null || isPlain(value)) return true;
  if (value instanceof Float32Array) return true;
  return Array.isArray(value) && value.every(isPlain);
}
