import { describe, expect, it } from 'vitest';
import { CHANGE_CLASSES, admissionConfigOf, changeClassOf } from '../../src/config/changes.js';
import { listOptions } from '../../src/config/options.js';
import { configSchema } from '../../src/config/schema.js';

const paths = listOptions().map(({ path }) => path);

describe('what a change of an option means', () => {
  it('is said of every option, and of nothing else', () => {
    expect(paths.filter((path) => changeClassOf(path) === undefined)).toEqual([]);
    const unused = Object.keys(CHANGE_CLASSES).filter(
      (name) => !paths.some((path) => path === name || path.startsWith(`${name}.`)),
    );
    expect(unused).toEqual([]);
  });

  it('every option whose change is switched or refused stands in the settings that are recorded, and no other', () => {
    const leavesOf = (value: unknown, path: readonly string[]): string[] =>
      typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length > 0
        ? Object.entries(value).flatMap(([name, inner]) => leavesOf(inner, [...path, name]))
        : [path.join('.')];
    // What is recorded only where it is set.
    const set = {
      transport: { repartition: 'session' },
      join: { surfaceWindowsMs: { AD: 1_000 } },
      quality: { own: ['own:rule'] },
    };
    const recorded = leavesOf(admissionConfigOf(configSchema.parse(set)), []);
    // Their files are recorded by what is in them.
    const byContent = ['wire.avroSchemas', 'wire.mapping'];
    const expected = paths.filter(
      (path) => ['switched', 'refused'].includes(changeClassOf(path)!) && !byContent.includes(path),
    );
    const isMapOf = (path: string, option: string): boolean => path === option || path.startsWith(`${option}.`);
    expect(expected.filter((option) => !recorded.some((path) => isMapOf(path, option)))).toEqual([]);
    expect(recorded.filter((path) => !expected.some((option) => isMapOf(path, option)))).toEqual([]);
  });
});
