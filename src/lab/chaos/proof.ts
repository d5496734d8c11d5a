import type { Accounting } from '../../app/accounting.js';
import type { ChaosApplication } from './application.js';
import { COMPARED_TOPICS, compareTopic, differingCounts, isSame } from './compare.js';
import type { ComparedTopic, TopicDifference } from './compare.js';

/** What was done to an application, by kind. */
export interface HarmCount {
  /** `kill −9`, `broker killed`, `cut`, … */
  readonly kind: string;
  /** Where it fell, when that was aimed at. */
  readonly at?: string;
  readonly count: number;
}

/** What an unbroken and a harmed application made of the same events. */
export interface ChaosProof {
  readonly transport: 'embedded' | 'kafka';
  readonly seed: number;
  readonly killCount: number;
  readonly harms: readonly HarmCount[];
  /** Samples committed at each kill, as a share of the whole. */
  readonly progressAtKills: readonly number[];
  /** Error codes of processes that ended by themselves with the status of having given up, and were started again. */
  readonly gaveUp: readonly string[];
  /** Last words of processes that ended in any other way of their own. */
  readonly crashes: readonly string[];
  readonly expected: Accounting;
  readonly found: Accounting;
  /** Numbers of the accounting that differ. */
  readonly differingCounts: readonly string[];
  readonly topics: readonly TopicDifference[];
  /** True when nothing is lost, doubled or different, and nothing crashed. */
  readonly holds: boolean;
  readonly elapsedMs: number;
}

/** What was seen and done on the way to a proof. */
export type ChaosCourse = Pick<
  ChaosProof,
  'transport' | 'seed' | 'harms' | 'progressAtKills' | 'gaveUp' | 'crashes' | 'elapsedMs'
>;

/** An application that has come to its end. */
export interface Ended {
  readonly application: ChaosApplication;
  readonly accounting: Accounting;
}

/**
 * Compares two applications that had the same events: what they count, and every row of every output topic.
 * @param mayDiffer fields by topic that need not be the same; default: those that the moment a refit ends decides
 */
export async function proveSame(
  unbroken: Ended,
  harmed: Ended,
  course: ChaosCourse,
  mayDiffer?: Readonly<Record<ComparedTopic, readonly string[]>>,
): Promise<ChaosProof> {
  const topics: TopicDifference[] = [];
  for (const topic of COMPARED_TOPICS) {
    const [left, right] = [await unbroken.application.rows(topic), await harmed.application.rows(topic)];
    topics.push(compareTopic(topic, left, right, mayDiffer?.[topic]));
  }
  const differing = differingCounts(counted(unbroken.accounting), counted(harmed.accounting));
  return {
    ...course,
    killCount: course.progressAtKills.length,
    expected: unbroken.accounting,
    found: harmed.accounting,
    differingCounts: differing,
    topics,
    holds: differing.length === 0 && topics.every(isSame) && course.crashes.length === 0,
  };
}

function counted(accounting: Accounting): object {
  const { impressions, interactions, samples, closedEarly, weights, quality, valuesIgnored, identifyingIds } =
    accounting;
  return { impressions, interactions, samples, closedEarly, weights, quality, valuesIgnored, identifyingIds };
}
