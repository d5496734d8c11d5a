import { SluiceError } from '../errors.js';
import { ownName } from '../events/own-name.js';
import type { Learner } from '../learn/learners/learner.js';
import type { Fitted, Predictor } from '../ports/learner.js';
import { guarded, type Guard } from './guard.js';
import type { OwnLearner } from './parts.js';

/** A fit may take so many times as long as any other call. */
const FIT_CALLS = 60;

/**
 * A learner of a plugin as one of ours.
 * @returns its `fit` throws `plugin-failed` when it throws or leaves something that cannot predict, `plugin-slow` when it
 * does not come back
 */
export function guardedLearner(own: OwnLearner, { file, limitMs }: Guard): Learner {
  const what = `learner ${ownName(own.name)} of ${file}`;
  const within = guarded(what, limitMs * FIT_CALLS);
  return {
    ...own,
    fit(training, context) {
      const fitted = within(() => own.fit(training, context));
      const why = faultOf(fitted, training.columnCount, own.members(context.settings));
      if (why !== null) throw new SluiceError('plugin-failed', { what, why });
      return fitted;
    },
  };
}

/** What keeps something that a learner left from predicting; null: nothing. */
function faultOf(fitted: Fitted | null | undefined, columnCount: number, memberCount: number): string | null {
  const { predictor, gain } = fitted ?? {};
  if (!predictor || (predictor.kind !== 'linear' && predictor.kind !== 'trees'))
    return "left no predictor of kind 'linear' or 'trees'";
  if (predictor.columnCount !== columnCount) return `left ${predictor.columnCount} columns for ${columnCount}`;
  if (predictor.memberCount !== memberCount)
    return `left ${predictor.memberCount} members where its settings say ${memberCount}`;
  if (gain?.length !== columnCount || !gain.every((share) => share >= 0 && share < Infinity))
    return 'left a gain that is not one finite share a column';
  const wrong = Object.entries(sizesOf(predictor)).find(([name, size]) => {
    const values = (predictor as unknown as Record<string, ArrayLike<number> | undefined>)[name];
    return values?.length !== size || !Array.from(values).every((value) => Number.isFinite(value));
  });
  if (wrong) return `left ${wrong[0]} that is not ${wrong[1]} finite numbers`;
  return predictor.kind === 'trees' ? faultOfTrees(predictor) : null;
}

function sizesOf(predictor: Predictor): Readonly<Record<string, number>> {
  const { columnCount, memberCount } = predictor;
  if (predictor.kind === 'linear') {
    const each = columnCount * memberCount;
    const ofColumns = { centre: columnCount, inverseScale: columnCount };
    return { ...ofColumns, weights: each, missingWeights: each, intercept: memberCount };
  }
  const nodes = predictor.value?.length ?? 0;
  const ofNodes = { column: nodes, threshold: nodes, left: nodes, right: nodes, missingLeft: nodes, value: nodes };
  return {
    ...ofNodes,
    roots: predictor.roots?.length ?? 0,
    memberOfTree: predictor.roots?.length ?? 0,
    base: memberCount,
  };
}

/** Children come behind their parents, so that a walk ends. */
function faultOfTrees({
  roots,
  memberOfTree,
  memberCount,
  column,
  columnCount,
  left,
  right,
}: Extract<Predictor, { kind: 'trees' }>) {
  const nodes = column.length;
  if (!Array.from(memberOfTree).every((member) => member >= 0 && member < memberCount))
    return 'left a tree of no member';
  if (!Array.from(roots).every((root) => root >= 0 && root < nodes)) return 'left a tree without a root';
  for (let node = 0; node < nodes; node++) {
    if (column[node]! < 0) continue;
    const children = [left[node]!, right[node]!];
    if (column[node]! >= columnCount) return `left node ${node} on column ${column[node]} of ${columnCount}`;
    if (!children.every((child) => child > node && child < nodes))
      return `left node ${node} without children behind it`;
  }
  return null;
}
