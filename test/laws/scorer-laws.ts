import { describe } from 'vitest';
import { scorerLaws as laws } from '../../src/lab/laws/scorer-laws.js';
import type { ScorerDeclaration } from '../../src/pipeline/score/scorer.js';
import { keepsAll } from './keeps-all.js';

/** What every scorer keeps, whatever a sample counts for in it. */
export function scorerLaws(
  name: string,
  declaration: ScorerDeclaration,
  declarationOf: (name: string) => ScorerDeclaration,
): void {
  describe(`${name}, as a scorer`, () => keepsAll(laws(declaration, declarationOf)));
}
