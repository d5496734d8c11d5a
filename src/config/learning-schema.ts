/** The sections on selection and learning, apart from the rest only to keep files short. */
import { z } from 'zod';
import { INTERACTION_TYPES, SURFACES } from '../events/words.js';
import { SCORER_NAMES, SCORERS } from '../pipeline/score/scorers.js';
import { LEARNERS, LEARNER_NAMES, learnerNamed } from '../learn/learners/index.js';
import { learnerSections } from './learner-sections.js';
import { count, fraction, ms, ownPart } from './units.js';

const probability = z.number().gt(0).max(1);
const multiplier = z.number().positive();

const keepRule = z.strictObject({
  label: z.union([z.literal(0), z.literal(1)]).optional(),
  surface: z.enum(SURFACES).optional(),
  category: z.string().optional(),
  atLeast: probability.optional(),
  atMost: probability.optional(),
});
export type KeepRule = z.output<typeof keepRule>;

const value = z.strictObject({
  outcomes: z
    .partialRecord(z.enum(['NONE', ...INTERACTION_TYPES]), multiplier)
    .default({})
    .describe(
      'Multiplies the importance of samples by outcome, e.g. `PURCHASE: 3`. Weights stay exact; the offset then uses the share of each outcome among its label so far.',
    ),
  categories: z
    .record(z.string(), multiplier)
    .default({})
    .describe('Multiplies the importance of samples of a category.'),
  surfaces: z
    .partialRecord(z.enum(SURFACES), multiplier)
    .default({})
    .describe('Multiplies the importance of samples of a surface.'),
});

export const selection = z.strictObject({
  scorer: z
    .union([z.enum(SCORER_NAMES), ownPart])
    .default('surprise')
    .describe(
      `What makes a sample important (docs/why/selection.md); \`own:NAME\`: a plugin says. ${Object.entries(SCORERS)
        .map(([name, { summary }]) => `\`${name}\`: ${summary}.`)
        .join(' ')}`,
    ),
  budget: probability.default(0.1).describe('Fraction of samples to keep.'),
  budgets: z
    .partialRecord(z.enum(SURFACES), probability)
    .default({})
    .describe(
      'Budgets of single surfaces, e.g. `SEARCH: 0.1`, each held by a controller of its own; the others share selection.budget.',
    ),
  perSecond: z
    .number()
    .nonnegative()
    .default(0)
    .describe(
      'Samples to keep per second of event time over all partitions, in place of selection.budget; 0: selection.budget holds.',
    ),
  throttle: probability
    .default(1)
    .describe(
      'Factor on every inclusion probability, after the budget: below 1 fewer samples are kept. Weights and offsets stay exact.',
    ),
  keep: z
    .array(keepRule)
    .default([])
    .describe(
      'Floors and caps of the inclusion probability by label, surface and category, e.g. `- {label: 1, atLeast: 0.5}`. All rules that match apply, in order. Weights and offsets stay exact.',
    ),
  value: value.prefault({}),
  expectedClickRate: fraction
    .default(0)
    .describe('Click rate to expect, for `sluice lint`: it warns of a budget below twice this rate; 0: not known.'),
  salt: z.coerce.string().default('sluice').describe('Seeds the coin: the same salt keeps the same samples.'),
  defensiveShare: fraction
    .default(0.2)
    .describe('Share of the budget spent uniformly: bounds every weight by 1/(share × budget).'),
  auditFraction: fraction.default(0.05).describe('Uniform slice set aside for judging, never trained on.'),
  controllerRate: z
    .number()
    .positive()
    .max(0.1)
    .default(0.005)
    .describe('Step of the budget controller per sample; larger follows faster and wobbles more.'),
  committeeShares: z
    .array(z.number().nonnegative())
    .default([])
    .describe('Share of each committee member in committee-loss and disagreement; empty: equal shares.'),
  committeeLoss: z
    .enum(['brier', 'log'])
    .default('brier')
    .describe('Loss in committee-loss: `brier` (its square root), or `log`, in which confident mistakes count more.'),
  learnCommitteeShares: z
    .boolean()
    .default(false)
    .describe(
      "Let the shares follow each member's loss so far, beginning at selection.committeeShares (64 members at most).",
    ),
  committeeShareFloor: fraction
    .default(0.2)
    .describe('Part of the shares that stays equal while they are learned, so that every member counts.'),
});

const calibration = z.strictObject({
  method: z
    .enum(['platt', 'none'])
    .default('platt')
    .describe(
      '`platt`: recalibrates the log-odds of each candidate by a line, fitted on the older half of the audit window and kept if it is better on the newer half; `none`: leaves them as they are.',
    ),
  minPositives: count
    .default(50)
    .describe('Audit samples with label 1 that each half of the window needs; below, candidates are not recalibrated.'),
});

const guards = z.strictObject({
  aucLoss: fraction
    .default(0.005)
    .describe(
      "Keeps a candidate out whose AUC on the audit slice is lower than the champion's by more than this, beyond chance (one-sided 95 %), over all or on one surface; 1: off.",
    ),
  calibration: z
    .number()
    .gt(1)
    .default(1.25)
    .describe(
      "Keeps a candidate out whose predicted positives are off by more than this factor, either way and beyond chance, and further off than the champion's, over all or on one surface. The first champion is held to it, too.",
    ),
});

const limits = z.strictObject({
  fitMs: count
    .default(1_800_000)
    .describe('Longest time of one fit; a longer one is ended and counts as failed, and the champion stays.'),
  fitHeapMb: count
    .default(4_096)
    .describe(
      'MiB of JavaScript heap of one fit; one that needs more is ended and counts as failed. Its rows lie outside of the heap: retrain.reservoirBytes bounds them.',
    ),
});

const proof = z.strictObject({
  enabled: z
    .boolean()
    .default(true)
    .describe(
      'Train the same learner on curated and on uniform rows, as many of each, and compare them on the audit slice (docs/why/proof.md). Needs selection.auditFraction > 0.',
    ),
  everyFits: count
    .default(4)
    .describe(
      'Published fits from one proof to the next. Under --until-end there is one proof, at the end of the input.',
    ),
  minPositives: count
    .default(100)
    .describe('Audit samples with label 1 that a proof needs; with fewer its intervals say nothing.'),
  repeats: z
    .number()
    .int()
    .min(2)
    .max(8)
    .default(3)
    .describe('How often the audit slice is halved. Each halving takes four fits on half of the audit rows.'),
});

export const retrain = z.strictObject({
  learner: z
    .union([z.enum(LEARNER_NAMES), ownPart])
    .default('boosting')
    .describe(
      `What is fitted; \`own:NAME\`: a plugin says. ${LEARNER_NAMES.map((name) => `\`${name}\`: ${learnerNamed(name).summary}.`).join(' ')}`,
    ),
  everySamples: count.default(20_000).describe('Fit again after this many samples seen.'),
  everyMs: ms.default(600_000).describe('Fit again after this long with new samples; 0: never by time.'),
  minPositives: count.default(20).describe('Samples with label 1 that the first fit needs.'),
  budget: z
    .number()
    .gt(0)
    .max(1)
    .default(1)
    .describe(
      'Share of all samples that the learner gets, drawn by the coin of selection at this budget: 1 is as much as its pool holds. At `selection.budget` or below it gets the kept samples alone.',
    ),
  lateLabels: z
    .boolean()
    .default(false)
    .describe(
      'Let interactions that come after the close, within join.lateRetentionMs, correct the labels that fits and their judgement go by. Samples as published stay; their late records say which they correct.',
    ),
  reservoirSize: count.default(100_000).describe('Samples that the learner holds; newer ones are more likely to stay.'),
  reservoirBytes: count
    .default(67_108_864)
    .describe('Bytes of the samples the learner holds; with many columns it holds fewer than reservoirSize.'),
  halfLifeSamples: count
    .default(1_000_000)
    .describe('After this many further samples a row is half as likely to be still held by the learner.'),
  auditWindowSamples: count
    .default(50_000)
    .describe(
      'Newest audit samples that candidate and champion are judged on; more decides finer and remembers longer.',
    ),
  onDrift: z
    .boolean()
    .default(true)
    .describe(
      'Fit again when log loss or residual of the champion on the audit slice goes up or down on a surface (ADWIN).',
    ),
  keepSnapshots: count
    .default(20)
    .describe(
      'Newest snapshots whose bytes stay on the topic, besides the champion and the one before it; manifests all stay.',
    ),
  signingKeyFile: z
    .string()
    .default('')
    .describe(
      'File with an Ed25519 private key (PEM) that signs every snapshot published from here; its public half is trusted. Empty: unsigned.',
    ),
  trustedKeyFiles: z
    .array(z.string())
    .default([])
    .describe(
      'Files with Ed25519 public keys (PEM). With any key configured, snapshots signed by none of them are refused.',
    ),
  promote: z
    .enum(['not-worse', 'better', 'manual'])
    .default('not-worse')
    .describe(
      'When a candidate becomes champion. `not-worse`: unless it is significantly worse on the audit slice. `better`: only if it is significantly better. `manual`: only by `sluice snapshot promote`.',
    ),
  guards: guards.prefault({}),
  limits: limits.prefault({}),
  calibration: calibration.prefault({}),
  pace: z
    .enum(['auto', 'wait', 'live'])
    .default('auto')
    .describe(
      '`live`: the stream never waits for a fit. `wait`: it holds at each trigger until the fit is done. `auto`: wait under --until-end, else live.',
    ),
  seed: z.number().int().nonnegative().default(1).describe('Seed of every fit.'),
  proof: proof.prefault({}),
  own: z
    .record(z.string(), z.number())
    .default({})
    .describe('Settings of a learner of your own (docs/how/own-code.md).'),
  ...learnerSections(LEARNERS),
});
