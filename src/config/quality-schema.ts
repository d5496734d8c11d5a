/** The section on label quality, apart from the rest only to keep files short. */
import { z } from 'zod';
import { count, fraction, ms } from './units.js';

const action = z
  .enum(['off', 'flag', 'divert'])
  .default('flag')
  .describe(
    '`flag`: the interaction joins, and the sample says so in `flags`. `divert`: it joins nothing and becomes a dead letter.',
  );

const rules = z.strictObject({
  sessionRate: z
    .strictObject({
      action,
      maxPerWindow: count.default(60).describe('Clicks and stronger interactions of one session in one window.'),
      windowMs: ms.min(1).default(60_000).describe('Length of the window, event time.'),
    })
    .prefault({}),
  impossibleDwell: z
    .strictObject({
      action,
      minMs: z
        .number()
        .nonnegative()
        .default(20)
        .describe('A shorter dwellMs is no human being; 0: only a negative one. Interactions without one pass.'),
      maxMs: z.number().positive().default(86_400_000).describe('A longer dwellMs is a mistake or a machine.'),
    })
    .prefault({}),
  clickEverything: z
    .strictObject({
      action,
      minShown: count.default(30).describe('Impressions a session must have been shown before its clicks are weighed.'),
      maxShare: fraction.default(0.5).describe('Share of its impressions that a session may click.'),
    })
    .prefault({}),
});

const contradicted = z.strictObject({
  action: z
    .enum(['off', 'flag'])
    .default('flag')
    .describe(
      '`flag`: samples of a user (else session) whose labels keep contradicting the committee say so in `flags`.',
    ),
  maxLabelProbability: z
    .number()
    .gt(0)
    .lt(0.5)
    .default(0.02)
    .describe('A label contradicts the committee when every member gave it at most this probability.'),
  minContradictions: z
    .number()
    .min(1)
    .default(5)
    .describe(
      'Contradictions from which on a source is flagged, and how many times as many as the committee itself expects.',
    ),
  halfLifeMs: ms.min(1_000).default(86_400_000).describe('Half-life of the contradictions counted, event time.'),
  atMost: z
    .number()
    .gt(0)
    .max(1)
    .default(1)
    .describe(
      'Cap of the inclusion probability of flagged samples, whatever their label: they cannot eat the budget, and weights and offset stay exact. 1: no cap.',
    ),
});

/** Rules on conduct before the join, and labels that contradict the committee. */
export const quality = z.strictObject({ rules: rules.prefault({}), contradicted: contradicted.prefault({}) });
