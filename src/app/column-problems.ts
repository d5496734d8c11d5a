import type { Problem } from '../config/problem.js';
import type { Config } from '../config/schema.js';
import { unknownColumns } from '../pipeline/features/kept-columns.js';

/** What is wrong with the columns a config names: the config itself knows none of them. */
export function columnProblems({ features }: Config): readonly Problem[] {
  const unknown = unknownColumns(features.omit);
  if (unknown.length === 0) return [];
  return [
    {
      severity: 'error',
      paths: ['features.omit'],
      values: [unknown],
      expectation: 'no column has this name',
      remedies: ['take a name that `sluice describe features --set features.omit=` lists'],
      sources: [],
    },
  ];
}
