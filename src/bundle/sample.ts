import type { Bundle, Layout } from './bundle.js';

/**
 * Every column that a sample has anywhere on its way from opened impression to training row, declared once. What a part of
 * the way holds is a choice of these, below; arrays, growth, gathering, capture and restore follow from it (`bundle.ts`).
 */
const SAMPLE = {
  /** Event time of the impression, ms. */
  timesMs: 'f64',
  /** Key of the sample's id: duplicates, explicit ids and coins go by it. */
  sampleKeys: 'f64',
  itemKeys: 'f64',
  /** Sequence number of its list. */
  listSequences: 'f64',
  /** Place in its list. */
  places: 'u32',
  /** Number of its session, from 0. */
  sessions: 'u32',
  /** Index into SURFACES. */
  surfaces: 'u8',
  categories: 'text',
  /** Chance with which the log kept an impression like it before it came here, had its label been 0, had it been 1. */
  ratesIfNegative: 'f64',
  ratesIfPositive: 'f64',
  /** Sum of the values of joined interactions. */
  values: 'f64',
  /** Rank of the strongest interaction so far (`strength`), −1 for none. */
  ranks: 'i8',
  /** 1 once an interaction reached the goal: counters count an impression's click once. */
  reachedGoal: 'u8',
  /** Flag bits (`FLAG_BITS`); in the join with two more: somebody acted on it, and nobody is held to have seen it. */
  flags: 'u8',
  /** Features; NaN = missing. */
  rows: { perFeature: 'f32' },
  /** 0 or 1. */
  labels: 'u8',
  /** What became of it: dropped, kept or set aside for the audit. */
  fates: 'u8',
  importances: 'f64',
  inclusionProbabilities: 'f64',
  /** Natural log. */
  logOddsOffsets: 'f64',
  /** 1 when the learner's pool takes it. */
  pooled: 'u8',
  /** Inclusion probability and log-odds offset at the budget of the pool. */
  poolProbabilities: 'f64',
  poolOffsets: 'f64',
  /** Half of the sessions that its session belongs to, 0 or 1. */
  folds: 'u8',
  /** 1 / inclusion probability, as learners take it. */
  weights: 'f32',
  /** Log-odds offset, as learners take it. */
  offsets: 'f32',
  /** Event time in epoch milliseconds plus a fraction in (0,1) that belongs to the sample. */
  timeKeys: 'f64',
  /** 32 random bits that belong to the sample and decide nothing about whether it is kept or held. */
  draws: 'u32',
  /** What decides whether it is held. */
  priorities: 'f64',
} as const satisfies Layout;

type Name = keyof typeof SAMPLE;

function choose<const Names extends readonly Name[]>(...names: Names): Pick<typeof SAMPLE, Names[number]> {
  return Object.fromEntries(names.map((name) => [name, SAMPLE[name]])) as Pick<typeof SAMPLE, Names[number]>;
}

/** Of an impression whose outcome is not final. Its features wait beside, in pages. */
export const OPEN = choose(
  'timesMs',
  'sampleKeys',
  'itemKeys',
  'values',
  'ranks',
  'reachedGoal',
  'flags',
  'listSequences',
);

/** Names that checkpoints store them under: these stay, whatever the columns are called. */
export const OPEN_STORED_AS = {
  timesMs: 'timeMs',
  sampleKeys: 'impressionKey',
  itemKeys: 'itemKey',
  values: 'value',
  ranks: 'rank',
  reachedGoal: 'reachedGoal',
  flags: 'flags',
  listSequences: 'listSequence',
} as const satisfies Readonly<Record<keyof typeof OPEN, string>>;

/** Of one whose outcome is final, until it is a record. */
export const CLOSED = choose(
  'sampleKeys',
  'labels',
  'values',
  'ranks',
  'surfaces',
  'timesMs',
  'flags',
  'places',
  'categories',
  'ratesIfNegative',
  'ratesIfPositive',
  'rows',
);

/** What closing takes over as it stands. */
export const OPEN_TO_CLOSED = choose('sampleKeys', 'values', 'ranks', 'timesMs', 'flags');

/** What selection says of it. */
export const SELECTED = choose(
  'fates',
  'importances',
  'inclusionProbabilities',
  'logOddsOffsets',
  'pooled',
  'poolProbabilities',
  'poolOffsets',
);

/** What the learner's pool is told of a sample. */
export const POOLED = choose('rows', 'labels', 'surfaces', 'folds', 'timesMs', 'sampleKeys', 'weights', 'offsets');

/** What a sample looked like and what became of it. */
export const DESCRIBED = choose('rows', 'labels');

/** Of a row that a model is fitted on. */
export const TRAINING = { ...DESCRIBED, ...choose('weights', 'offsets') };

/** Of a row that a model is judged on, too. */
export const JUDGED = { ...TRAINING, ...choose('surfaces') };

/** Of one whose place in time counts. */
export const TIMED = { ...JUDGED, ...choose('timeKeys') };

/** Of a row that the learner hands out. */
export const HELD = { ...TIMED, ...choose('draws', 'folds') };

/** Of a row that the learner holds. */
export const SLAB = { ...HELD, ...choose('priorities') };

/** Of a sample of a whole stream that is selected from again and again. */
export const STREAM = choose(
  'rows',
  'labels',
  'sampleKeys',
  'sessions',
  'surfaces',
  'categories',
  'ranks',
  'timesMs',
  'ratesIfNegative',
  'ratesIfPositive',
);

export type OpenLayout = typeof OPEN;
export type ClosedLayout = typeof CLOSED;
export type SelectedLayout = typeof SELECTED;
export type PooledBundle = Bundle<typeof POOLED>;
export type JudgedBundle = Bundle<typeof JUDGED>;
export type TimedBundle = Bundle<typeof TIMED>;
export type HeldBundle = Bundle<typeof HELD>;
export type StreamBundle = Bundle<typeof STREAM>;
