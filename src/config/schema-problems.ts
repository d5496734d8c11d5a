import type { z } from 'zod';
import { didYouMean, valueAt } from './layers.js';
import { nearest } from './nearest.js';
import type { Option } from './options.js';
import type { Problem } from './problem.js';

type Issue = z.core.$ZodIssue;

/** Turns what the schema found into problems, one an option, with the value given and what would be valid. */
export function schemaProblems(
  issues: readonly Issue[],
  given: unknown,
  options: readonly Option[],
  sourceOf: (path: readonly PropertyKey[]) => string,
): readonly Problem[] {
  return issues.flatMap((issue) => {
    const problem = (path: readonly PropertyKey[], expectation: string, isShown = !isSecret(path)): Problem => ({
      severity: 'error',
      paths: [path.map(String).join('.')],
      values: isShown ? [valueAt(given, path)] : [],
      expectation,
      remedies: [],
      sources: [sourceOf(path)],
    });
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) =>
        // Under a mistyped name it may be a password.
        problem([...issue.path, key], unknownKey([...issue.path, key].map(String), options), false),
      );
    }
    return [problem(issue.path, expectationOf(issue, options))];
  });
}

/** Names of environment variables: people put the password itself there. */
function isSecret(path: readonly PropertyKey[]): boolean {
  return String(path.at(-1)).endsWith('Env');
}

function expectationOf(issue: Issue, options: readonly Option[]): string {
  if (issue.code === 'custom') return issue.message;
  const path = issue.path.map(String).join('.');
  const option = options.find((one) => one.path === path || path.startsWith(`${one.path}.`));
  if (option !== undefined) return `expected ${option.expectation}`;
  const inside = options.filter((one) => one.path.startsWith(`${path}.`)).map((one) => one.path);
  return inside.length === 0 ? issue.message : `expected a section with options like ${inside.slice(0, 3).join(', ')}`;
}

/** A mistyped section is answered with a section, a mistyped option with an option. */
function unknownKey(path: readonly string[], options: readonly Option[]): string {
  const sections = new Set(options.map((option) => option.path.split('.')[0]!));
  const section = path.length === 1 ? nearest(path[0]!, sections) : undefined;
  return `unknown option.${section === undefined ? didYouMean(path.join('.'), options) : ` Did you mean ${section}?`}`;
}
