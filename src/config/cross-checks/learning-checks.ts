import { committeeSize } from '../../learn/learners/index.js';
import { traitsOf } from '../../pipeline/score/scorers.js';
import type { CrossCheck } from './cross-check.js';

/** Fewer new kept rows than this between two fits change nothing but the electricity bill. */
const LEAST_ROWS_BETWEEN_FITS = 50;

/** Checks on selection and learning. */
export const LEARNING_CHECKS: readonly CrossCheck[] = [
  {
    severity: 'warning',
    paths: ['selection.defensiveShare', 'selection.budget'],
    finding: ({ selection }) =>
      selection.defensiveShare === 0 && selection.scorer !== 'uniform' && selection.budget < 1
        ? 'nothing bounds the importance weights: a sample the champion was sure of and wrong about can weigh without limit'
        : null,
    remedies: [
      'set selection.defensiveShare = 0.2, which bounds every weight by 1/(share × budget)',
      'train with logOddsOffset instead of importanceWeight',
    ],
  },
  {
    severity: 'error',
    paths: ['selection.auditFraction', 'selection.budget'],
    finding: ({ selection }) =>
      selection.auditFraction >= 1 ? 'every sample goes to the audit slice and none is left to train on' : null,
    remedies: [
      'set selection.auditFraction = 0.05',
      'read the audit topic alone, with selection.auditFraction below 1',
    ],
  },
  {
    severity: 'warning',
    paths: ['selection.auditFraction', 'retrain.promote'],
    finding: ({ selection, retrain }) =>
      selection.auditFraction === 0 && retrain.promote !== 'manual'
        ? 'without an audit slice no candidate can be judged before it is promoted'
        : null,
    remedies: ['set selection.auditFraction = 0.05', 'set retrain.promote = manual'],
  },
  {
    severity: 'error',
    paths: ['retrain.minPositives', 'retrain.reservoirSize'],
    finding: ({ retrain }) =>
      retrain.minPositives >= retrain.reservoirSize
        ? 'the reservoir can never hold enough positives and negatives for a first fit'
        : null,
    remedies: ['lower retrain.minPositives', 'raise retrain.reservoirSize'],
  },
  {
    severity: 'warning',
    paths: ['retrain.forest.rowsPerTree', 'retrain.everySamples'],
    finding: ({ retrain }) =>
      retrain.learner === 'forest' && retrain.everySamples < retrain.forest.rowsPerTree
        ? "a forest is grown again sooner than one tree's worth of samples has come: fitting is quadratic in the rows a tree"
        : null,
    remedies: ['raise retrain.everySamples', 'lower retrain.forest.rowsPerTree'],
  },
  {
    severity: 'warning',
    paths: ['retrain.forest.rowsPerTree', 'retrain.reservoirSize'],
    finding: ({ retrain }) =>
      retrain.learner === 'forest' && retrain.forest.rowsPerTree > retrain.reservoirSize
        ? 'trees ask for more rows than the reservoir holds'
        : null,
    remedies: ['lower retrain.forest.rowsPerTree', 'raise retrain.reservoirSize'],
  },
  {
    severity: 'warning',
    paths: ['retrain.everySamples', 'retrain.budget'],
    finding: ({ retrain, selection }) => {
      const rows = retrain.everySamples * Math.max(retrain.budget, selection.budget);
      return rows < LEAST_ROWS_BETWEEN_FITS
        ? `only about ${Number(rows.toPrecision(2))} new rows reach the learner between two fits`
        : null;
    },
    remedies: ['raise retrain.everySamples', 'raise retrain.budget'],
  },
  {
    severity: 'warning',
    paths: ['selection.scorer', 'retrain.learner'],
    finding: ({ selection, retrain }) => {
      const same = traitsOf(selection.scorer).ofOne?.(selection) ?? null;
      return same !== null && committeeSize(retrain) === 1
        ? `a committee of one never disagrees: ${selection.scorer} is then the same as ${same}`
        : null;
    },
    remedies: ['set retrain.learner = forest, or retrain.boosting.members = 5', 'set selection.scorer = surprise'],
  },
  {
    severity: 'error',
    paths: ['selection.committeeShares', 'retrain.learner'],
    finding: ({ selection, retrain }) => {
      const shares = selection.committeeShares;
      if (!traitsOf(selection.scorer).ofOne || shares.length === 0) return null;
      if (shares.every((share) => share === 0)) return 'every member has share 0, so every importance would be 0';
      const members = committeeSize(retrain);
      return members !== null && members !== shares.length
        ? `there are ${shares.length} shares for ${members} members`
        : null;
    },
    remedies: ['give one share a committee member', 'leave selection.committeeShares empty: equal shares'],
  },
  {
    severity: 'error',
    paths: ['features.text', 'encoder.enabled'],
    finding: ({ features: { text }, encoder }) =>
      !encoder.enabled && (text.taste || [text.item, text.query, text.product].some((columns) => columns > 0))
        ? 'columns of text vectors would say nothing without an encoder'
        : null,
    remedies: ['set encoder.enabled = true', 'leave features.text out'],
  },
  {
    severity: 'warning',
    paths: ['retrain.learner', 'encoder.enabled'],
    finding: ({ retrain, encoder }) =>
      retrain.learner === 'head' && !encoder.enabled ? 'a head over embeddings has no embeddings to learn from' : null,
    remedies: ['set encoder.enabled = true', 'set retrain.learner = boosting'],
  },
];
