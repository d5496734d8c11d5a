/** Checks between options: both names, both values, and ways out. Single options are the schema's business. */
import type { CheckContext, CrossCheck } from './cross-checks/cross-check.js';
import { LEARNING_CHECKS } from './cross-checks/learning-checks.js';
import { QUALITY_CHECKS } from './cross-checks/quality-checks.js';
import { SELECTION_CHECKS } from './cross-checks/selection-checks.js';
import { STREAM_CHECKS } from './cross-checks/stream-checks.js';
import { TABLE_CHECKS } from './cross-checks/table-checks.js';
import { WORLD_CHECKS } from './cross-checks/world-checks.js';
import { valueAt } from './layers.js';
import type { Problem } from './problem.js';
import type { Config } from './schema.js';

/** Every check there is. */
export const CROSS_CHECKS: readonly CrossCheck[] = [
  ...STREAM_CHECKS,
  ...QUALITY_CHECKS,
  ...SELECTION_CHECKS,
  ...LEARNING_CHECKS,
  ...TABLE_CHECKS,
  ...WORLD_CHECKS,
];

/** What the checks find in a config whose single options are valid. */
export function crossProblems(
  config: Config,
  context: CheckContext,
  sourceOf: (path: readonly string[]) => string,
): readonly Problem[] {
  return CROSS_CHECKS.flatMap((check) => {
    const finding = check.finding(config, context);
    if (finding === null) return [];
    const paths = check.paths.map((path) => path.split('.'));
    return [
      {
        severity: check.severity,
        paths: check.paths,
        values: paths.map((path) => valueAt(config, path)),
        expectation: finding,
        remedies: check.remedies,
        sources: paths.map(sourceOf),
      },
    ];
  });
}
