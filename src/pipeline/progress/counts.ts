/** What the application has done since its beginning; lives in the progress record, so no restart forgets or doubles it. */
export interface Counts {
  impressionsRead: number;
  impressionsDuplicate: number;
  impressionsDeadLettered: number;
  interactionsRead: number;
  interactionsJoined: number;
  interactionsUnmatched: number;
  interactionsLate: number;
  interactionsDuplicate: number;
  interactionsDeadLettered: number;
  samplesSeen: number;
  samplesKept: number;
  samplesAudit: number;
  samplesDropped: number;
  samplesPositive: number;
  closedEarly: number;
  /** Sum of the importance weights of kept samples, and of their squares times (1 − π): the count's estimate and variance. */
  weightSum: number;
  weightVariance: number;
  /** Samples a champion predicted, Σ prediction and Σ label over them: its calibration on everything that passed. */
  predicted: number;
  predictedSum: number;
  predictedPositive: number;
  /** Σ log loss (natural log) of those predictions. */
  predictedLogLoss: number;
  /** Interactions that each rule on conduct caught; one may be caught by several. */
  caughtBySessionRate: number;
  caughtByImpossibleDwell: number;
  caughtByClickEverything: number;
  /** Of those, the ones that joined nothing; in `interactionsDeadLettered` too. */
  interactionsDiverted: number;
  /** Samples by flag, kept or not. */
  flaggedSessionRate: number;
  flaggedImpossibleDwell: number;
  flaggedClickEverything: number;
  flaggedContradicted: number;
  /** Samples whose label a confident committee held to be all but impossible. */
  contradictions: number;
  /** Optional values (a price, a dwell time) that were not of their field's type: their records went on without them. */
  valuesIgnored: number;
  /** Messages with a request, impression or interaction id that contained their session or user id, and went out hidden. */
  identifyingIds: number;
  /** Interactions that name an impression which they cannot be of: in `interactionsUnmatched` too. */
  impossibleOtherSession: number;
  impossibleOtherItem: number;
  impossibleBeforeShown: number;
  /** Messages that passed cleaning, and those of them on another partition than the default one of their session. */
  listsCleaned: number;
  listsMisplaced: number;
  interactionsCleaned: number;
  interactionsMisplaced: number;
}

export const COUNT_NAMES = [
  'impressionsRead',
  'impressionsDuplicate',
  'impressionsDeadLettered',
  'interactionsRead',
  'interactionsJoined',
  'interactionsUnmatched',
  'interactionsLate',
  'interactionsDuplicate',
  'interactionsDeadLettered',
  'samplesSeen',
  'samplesKept',
  'samplesAudit',
  'samplesDropped',
  'samplesPositive',
  'closedEarly',
  'weightSum',
  'weightVariance',
  'predicted',
  'predictedSum',
  'predictedPositive',
  'predictedLogLoss',
  'caughtBySessionRate',
  'caughtByImpossibleDwell',
  'caughtByClickEverything',
  'interactionsDiverted',
  'flaggedSessionRate',
  'flaggedImpossibleDwell',
  'flaggedClickEverything',
  'flaggedContradicted',
  'contradictions',
  'valuesIgnored',
  'impossibleOtherSession',
  'impossibleOtherItem',
  'impossibleBeforeShown',
  'identifyingIds',
  'listsCleaned',
  'listsMisplaced',
  'interactionsCleaned',
  'interactionsMisplaced',
] as const satisfies readonly (keyof Counts)[];

/** All zeros. */
export function noCounts(): Counts {
  return Object.fromEntries(COUNT_NAMES.map((name) => [name, 0])) as unknown as Counts;
}

/** Adds `more` into `counts`. */
export function addCounts(counts: Counts, more: Counts): void {
  for (const name of COUNT_NAMES) counts[name] += more[name];
}
