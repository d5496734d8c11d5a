import type { Problem } from '../config/problem.js';
import type { Config } from '../config/schema.js';
import { declaredProblem, unknownColumns } from '../pipeline/features/kept-columns.js';

/** What is wrong with the columns a config names or declares: the config itself knows none of them. */
export function columnProblems({ features }: Config): readonly Problem[] {
  const declared = declaredProblem(features);
  if (declared !== null) {
    const sections = (['declared', 'state'] as const).filter((section) => features[section].length > 0);
    const names = sections.map((section) => features[section].map(({ name }) => name));
    const paths = sections.map((section) => `features.${section}`);
    return [problem(paths, names, declared, 'give it another name or form')];
  }
  const unknown = unknownColumns(features);
  if (unknown.length === 0) return [];
  return [
    problem(
      ['features.omit'],
      [unknown],
      'no column has this name',
      'take a name that `sluice describe features --set features.omit=` lists',
    ),
  ];
}

function problem(
  paths: readonly string[],
  values: readonly (readonly string[])[],
  expectation: string,
  remedy: string,
): Problem {
  return { severity: 'error', paths, values, expectation, remedies: [remedy], sources: [] };
}
