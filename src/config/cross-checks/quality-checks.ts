import type { CrossCheck } from './cross-check.js';

/** Checks on label quality, and on clocks that could spoil it. */
export const QUALITY_CHECKS: readonly CrossCheck[] = [
  {
    severity: 'warning',
    paths: ['clean.maxFutureMs', 'join.allowedLatenessMs'],
    finding: ({ clean, join }) =>
      clean.maxFutureMs > join.allowedLatenessMs
        ? `one event of a clock that runs ahead takes its topic's newest time along: everything behind it is late by up to ${clean.maxFutureMs - join.allowedLatenessMs} ms, and late lists are dead letters`
        : null,
    remedies: ['lower clean.maxFutureMs to join.allowedLatenessMs', 'raise join.allowedLatenessMs'],
  },
  {
    severity: 'error',
    paths: ['quality.rules.impossibleDwell.minMs', 'quality.rules.impossibleDwell.maxMs'],
    finding: ({ quality: { rules } }) =>
      rules.impossibleDwell.minMs > rules.impossibleDwell.maxMs ? 'no dwell is possible between them' : null,
    remedies: ['lower minMs', 'raise maxMs'],
  },
  {
    severity: 'warning',
    paths: ['quality.contradicted.atMost', 'quality.contradicted.action'],
    finding: ({ quality: { contradicted } }) =>
      contradicted.atMost < 1 && contradicted.action === 'off' ? 'nothing is flagged, so nothing is capped' : null,
    remedies: ['set quality.contradicted.action = flag', 'set quality.contradicted.atMost = 1'],
  },
  {
    severity: 'warning',
    paths: ['quality.contradicted.atMost', 'selection.scorer'],
    finding: ({ quality: { contradicted }, selection }) =>
      contradicted.atMost < 1 && selection.scorer === 'top' ? 'a hard cut knows no cap: it is ignored' : null,
    remedies: ['set selection.scorer = surprise', 'set quality.contradicted.atMost = 1'],
  },
  {
    severity: 'warning',
    paths: ['quality.contradicted.atMost', 'selection.defensiveShare'],
    finding: ({ quality: { contradicted }, selection: { defensiveShare, budget } }) =>
      contradicted.atMost < defensiveShare * budget
        ? `the cap is below the floor of ${defensiveShare * budget} that bounds all other weights: flagged samples weigh up to ${Math.round(1 / contradicted.atMost)}`
        : null,
    remedies: [
      'raise quality.contradicted.atMost to the budget',
      'train with logOddsOffset instead of importanceWeight',
    ],
  },
];
