/** How well the lists that were shown are ordered, mean over those with a positive and a negative. */
export interface RankingMetrics {
  /** Lists that an order can be judged on. */
  readonly lists: number;
  /** Normalised discounted cumulative gain of the first ten, in [0,1]; null without lists. */
  readonly ndcgAt10: number | null;
  /** Mean of 1 / rank of the first positive, in (0,1]; null without lists. */
  readonly mrr: number | null;
}

const DEPTH = 10;

/**
 * NDCG@10 and MRR of whole lists: samples of one session at one time are those of one list. Equal predictions are in every
 * order at once, so that a constant model has the score of chance and not that of the order in which the items were shown.
 * Source: Järvelin & Kekäläinen 2002; ties as in McSherry & Najork 2008.
 * @param timesMs event times, ascending
 */
export function rankingMetrics(
  probabilities: Float32Array,
  labels: Uint8Array,
  timesMs: Float64Array,
  sessions: Uint32Array,
): RankingMetrics {
  let lists = 0;
  let ndcg = 0;
  let reciprocal = 0;
  for (let from = 0, to = 0; from < labels.length; from = to) {
    while (to < labels.length && timesMs[to] === timesMs[from]) to++;
    for (const list of bySession(sessions, from, to)) {
      const positives = list.reduce((sum, at) => sum + labels[at]!, 0);
      if (positives === 0 || positives === list.length) continue;
      list.sort((a, b) => probabilities[b]! - probabilities[a]!);
      const of = scoreOf(list, positives, probabilities, labels);
      lists++;
      ndcg += of.ndcg;
      reciprocal += of.reciprocal;
    }
  }
  return { lists, ndcgAt10: lists > 0 ? ndcg / lists : null, mrr: lists > 0 ? reciprocal / lists : null };
}

function bySession(sessions: Uint32Array, from: number, to: number): Iterable<number[]> {
  const lists = new Map<number, number[]>();
  for (let at = from; at < to; at++) {
    const session = sessions[at]!;
    const list = lists.get(session);
    if (list) list.push(at);
    else lists.set(session, [at]);
  }
  return lists.values();
}

/** @param list samples, best first */
function scoreOf(list: readonly number[], positives: number, probabilities: Float32Array, labels: Uint8Array) {
  let gain = 0;
  let reciprocal: number | undefined;
  for (let from = 0, to = 0; from < list.length; from = to) {
    let among = 0;
    while (to < list.length && probabilities[list[to]!] === probabilities[list[from]!]) among += labels[list[to++]!]!;
    for (let rank = from; rank < Math.min(to, DEPTH); rank++) gain += (among / (to - from)) * discount(rank);
    if (among > 0) reciprocal ??= firstOf(from, to, among);
  }
  let best = 0;
  for (let rank = 0; rank < Math.min(positives, DEPTH); rank++) best += discount(rank);
  return { ndcg: gain / best, reciprocal: reciprocal ?? 0 };
}

/** Expected 1 / rank of the first of `among` positives that stand somewhere at the places `from` to `to`, ranks from 1. */
function firstOf(from: number, to: number, among: number): number {
  let sum = 0;
  let noneBefore = 1;
  for (let place = from; place < to && noneBefore > 0; place++) {
    const here = Math.min(1, among / (to - place));
    sum += (noneBefore * here) / (place + 1);
    noneBefore *= 1 - here;
  }
  return sum;
}

/** Of a rank from 0. */
function discount(rank: number): number {
  return 1 / Math.log2(rank + 2);
}
