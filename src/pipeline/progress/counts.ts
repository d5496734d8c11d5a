import { camelCase, RULE_NAMES, RULES, type CamelCase, type RuleName } from '../../conduct/rules.js';
import type { SampleFlag } from '../../events/flags.js';

/** A count as it is declared. */
interface CountRow {
  readonly name: string;
  /** Where it stands in the accounting; absent: nowhere by itself. */
  readonly at?: string;
  /** The counter that shows it, and its labels; absent: none. */
  readonly metric?: readonly [name: string, labels?: Readonly<Record<string, string>>];
}

/**
 * What the application has done since its beginning, by the id under which the progress record stores each number: an id
 * keeps its meaning for ever, one that is given up is never used again. The two of each rule on conduct are declared with it.
 */
const DECLARED = {
  0: { name: 'impressionsRead', at: 'impressions.read', metric: ['sluice_impressions_total', { fate: 'read' }] },
  1: {
    name: 'impressionsDuplicate',
    at: 'impressions.duplicate',
    metric: ['sluice_impressions_total', { fate: 'duplicate' }],
  },
  2: {
    name: 'impressionsDeadLettered',
    at: 'impressions.deadLettered',
    metric: ['sluice_impressions_total', { fate: 'dead-lettered' }],
  },
  3: { name: 'interactionsRead', at: 'interactions.read', metric: ['sluice_interactions_total', { fate: 'read' }] },
  4: {
    name: 'interactionsJoined',
    at: 'interactions.joined',
    metric: ['sluice_interactions_total', { fate: 'joined' }],
  },
  5: {
    name: 'interactionsUnmatched',
    at: 'interactions.unmatched',
    metric: ['sluice_interactions_total', { fate: 'unmatched' }],
  },
  6: { name: 'interactionsLate', at: 'interactions.late', metric: ['sluice_interactions_total', { fate: 'late' }] },
  7: {
    name: 'interactionsDuplicate',
    at: 'interactions.duplicate',
    metric: ['sluice_interactions_total', { fate: 'duplicate' }],
  },
  8: {
    name: 'interactionsDeadLettered',
    at: 'interactions.deadLettered',
    metric: ['sluice_interactions_total', { fate: 'dead-lettered' }],
  },
  9: { name: 'samplesSeen', at: 'samples.seen' },
  10: { name: 'samplesKept', at: 'samples.kept', metric: ['sluice_samples_total', { fate: 'kept' }] },
  11: { name: 'samplesAudit', at: 'samples.audit', metric: ['sluice_samples_total', { fate: 'audit' }] },
  12: { name: 'samplesDropped', at: 'samples.dropped', metric: ['sluice_samples_total', { fate: 'dropped' }] },
  13: { name: 'samplesPositive', at: 'samples.positive', metric: ['sluice_positive_samples_total'] },
  /** Impressions closed before their window ended because join.maxOpenImpressions was reached. */
  14: { name: 'closedEarly', at: 'closedEarly', metric: ['sluice_closed_early_total'] },
  /** Sum of the importance weights of kept samples, and of their squares times (1 − π): the count's estimate and variance. */
  15: { name: 'weightSum' },
  16: { name: 'weightVariance' },
  /** Samples a champion predicted, Σ prediction and Σ label over them: its calibration on everything that passed. */
  17: { name: 'predicted', metric: ['sluice_predicted_samples_total'] },
  18: { name: 'predictedSum', metric: ['sluice_predicted_probability_total'] },
  19: { name: 'predictedPositive', metric: ['sluice_predicted_positive_samples_total'] },
  /** Σ log loss (natural log) of those predictions. */
  20: { name: 'predictedLogLoss', metric: ['sluice_predicted_log_loss_nats_total'] },
  /** Interactions caught by a rule that joined nothing; in `interactionsDeadLettered` too. */
  24: {
    name: 'interactionsDiverted',
    at: 'quality.interactions.diverted',
    metric: ['sluice_diverted_interactions_total'],
  },
  28: {
    name: 'flaggedContradicted',
    at: 'quality.samples.contradicted',
    metric: ['sluice_flagged_samples_total', { flag: 'contradicted' }],
  },
  /** Samples whose label a confident committee held to be all but impossible. */
  29: { name: 'contradictions', at: 'quality.contradictions', metric: ['sluice_contradictions_total'] },
  /** Optional values (a price, a dwell time) that were not of their field's type: their records went on without them. */
  30: { name: 'valuesIgnored', at: 'valuesIgnored', metric: ['sluice_ignored_values_total'] },
  /** Interactions that name an impression which they cannot be of: in `interactionsUnmatched` too. */
  31: {
    name: 'impossibleOtherSession',
    at: 'quality.impossible.otherSession',
    metric: ['sluice_impossible_interactions_total', { reason: 'other-session' }],
  },
  32: {
    name: 'impossibleOtherItem',
    at: 'quality.impossible.otherItem',
    metric: ['sluice_impossible_interactions_total', { reason: 'other-item' }],
  },
  33: {
    name: 'impossibleBeforeShown',
    at: 'quality.impossible.beforeShown',
    metric: ['sluice_impossible_interactions_total', { reason: 'before-shown' }],
  },
  /** Messages with a request, impression or interaction id that contained their session or user id, and went out hidden. */
  34: { name: 'identifyingIds', at: 'identifyingIds', metric: ['sluice_identifying_ids_total'] },
  /** Messages that passed cleaning, and those of them on another partition than the default one of their session. */
  35: { name: 'listsCleaned' },
  36: { name: 'listsMisplaced', metric: ['sluice_misplaced_records_total', { input: 'impressions' }] },
  37: { name: 'interactionsCleaned' },
  38: { name: 'interactionsMisplaced', metric: ['sluice_misplaced_records_total', { input: 'interactions' }] },
  /** Samples that the learner's pool took, kept for the output or not. */
  39: { name: 'samplesPooled', metric: ['sluice_pooled_samples_total'] },
  /** Impressions whose window ended and that nobody is held to have seen: no samples. */
  40: {
    name: 'impressionsUnexamined',
    at: 'impressions.unexamined',
    metric: ['sluice_impressions_total', { fate: 'unexamined' }],
  },
  /** Samples whose first interaction at the goal came after their label was final, by how long after the close it was done. */
  41: { name: 'latePositivesHour', metric: ['sluice_late_positives_total', { within: '1h' }] },
  42: { name: 'latePositivesSixHours', metric: ['sluice_late_positives_total', { within: '6h' }] },
  43: { name: 'latePositivesDay', metric: ['sluice_late_positives_total', { within: '24h' }] },
  44: { name: 'latePositivesLater', metric: ['sluice_late_positives_total', { within: 'later' }] },
} as const satisfies Readonly<Record<number, CountRow>>;

type DeclaredRow = (typeof DECLARED)[keyof typeof DECLARED];
type RulePart = Capitalize<CamelCase<RuleName>>;

export type CountName = DeclaredRow['name'] | `caughtBy${RulePart}` | `flagged${RulePart}`;

/** Paths of the accounting that are counts. */
export type CountPath =
  Extract<DeclaredRow, { readonly at: string }>['at'] | `quality.${'interactions' | 'samples'}.${CamelCase<RuleName>}`;

/** What the application has done; lives in the progress record, so no restart forgets or doubles it. */
export type Counts = Record<CountName, number>;

/** A count, its storage id, and where it shows. */
export interface Count extends CountRow {
  readonly id: number;
  readonly name: CountName;
  readonly at?: CountPath;
}

/** Every count, by its id. */
export const COUNTS: readonly Count[] = [
  ...Object.entries(DECLARED).map(([id, row]): Count => ({ id: Number(id), ...row })),
  ...RULE_NAMES.flatMap(countsOfRule),
].sort((a, b) => a.id - b.id);

export const COUNT_NAMES: readonly CountName[] = COUNTS.map(({ name }) => name);

/** The count of the interactions that a rule caught; one may be caught by several. */
export const CAUGHT_COUNTS = Object.fromEntries(RULE_NAMES.map((rule) => [rule, caughtBy(rule)])) as Readonly<
  Record<RuleName, CountName>
>;

/** The count of the samples with a flag, kept or not. */
export const FLAGGED_COUNTS: Readonly<Record<SampleFlag, CountName>> = {
  ...(Object.fromEntries(RULE_NAMES.map((rule) => [rule, flaggedBy(rule)])) as Record<RuleName, CountName>),
  contradicted: 'flaggedContradicted',
};

function countsOfRule(rule: RuleName): readonly Count[] {
  const { caught, flagged } = RULES[rule].countIds;
  const section = camelCase(rule);
  return [
    {
      id: caught,
      name: caughtBy(rule),
      at: `quality.interactions.${section}`,
      metric: ['sluice_caught_interactions_total', { rule }],
    },
    {
      id: flagged,
      name: flaggedBy(rule),
      at: `quality.samples.${section}`,
      metric: ['sluice_flagged_samples_total', { flag: rule }],
    },
  ];
}

function caughtBy(rule: RuleName): CountName {
  return `caughtBy${capitalised(rule)}`;
}

function flaggedBy(rule: RuleName): CountName {
  return `flagged${capitalised(rule)}`;
}

function capitalised(rule: RuleName): RulePart {
  const section = camelCase(rule);
  return `${section.charAt(0).toUpperCase()}${section.slice(1)}` as RulePart;
}

/** All zeros. */
export function noCounts(): Counts {
  return Object.fromEntries(COUNT_NAMES.map((name) => [name, 0])) as Counts;
}

/** Adds `more` into `counts`. */
export function addCounts(counts: Counts, more: Counts): void {
  for (const name of COUNT_NAMES) counts[name] += more[name];
}

/** Counts as text, each at the place of its id: whole ones to base 36, others as they are behind a tilde. */
export function encodeCounts(counts: Counts): string {
  const places = new Array<string>(COUNTS.at(-1)!.id + 1).fill('0');
  for (const { id, name } of COUNTS) {
    const count = counts[name];
    places[id] = Number.isSafeInteger(count) && count >= 0 ? count.toString(36) : `~${count}`;
  }
  return places.join(' ');
}

/** Reads them, or the list of numbers that earlier releases wrote; a count that the record does not have is 0. */
export function decodeCounts(encoded: string | readonly number[]): Counts {
  const values =
    typeof encoded === 'string'
      ? encoded.split(' ').map((text) => (text.startsWith('~') ? Number(text.slice(1)) : Number.parseInt(text, 36)))
      : encoded;
  const counts = noCounts();
  for (const { id, name } of COUNTS) counts[name] = values[id] ?? 0;
  return counts;
}
