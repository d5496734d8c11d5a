import { streamTopics, topicName } from '../config/topics.js';
import type { Config } from '../config/schema.js';
import type { Counts } from '../pipeline/progress/counts.js';
import type { Logger } from '../ports/logger.js';
import { INPUTS, type InputName, type Transport } from '../ports/transport.js';

/** What is known of an input by its messages of late. */
export interface Placing {
  /** Messages that were looked at. */
  readonly seen: number;
  /** Of those, the ones on another partition than the default one of their session. */
  readonly misplaced: number;
}

/** Whether lists and interactions of one session lie on one partition. */
export type Meeting = 'meet' | 'apart' | 'unknown';

/** Share of an input that may lie elsewhere before the input counts as partitioned in another way. */
const MOST_SHARE = 0.01;
/** Messages of each input before anything is said. */
const LEAST_SEEN = 20;
/** Messages that count as the present: a producer may change after years. */
const WINDOW_MESSAGES = 20_000;

/**
 * What the placing of both inputs says: all where the default partitioner puts their sessions, they meet; one of them
 * not, they do not; both not, they meet only if both are keyed and partitioned in the same other way, which nobody here can
 * know. undefined: too little was seen.
 */
export function meetingOf(placing: Readonly<Record<InputName, Placing>>): Meeting | undefined {
  if (INPUTS.some((input) => placing[input].seen < LEAST_SEEN)) return undefined;
  const elsewhere = INPUTS.filter((input) => isOtherwise(placing[input]));
  return (['meet', 'apart', 'unknown'] as const)[elsewhere.length];
}

function isOtherwise({ seen, misplaced }: Placing): boolean {
  return misplaced > MOST_SHARE * seen;
}

/**
 * Says once, at start or as soon as it shows, that the two inputs are not partitioned alike: what happens in a session then
 * joins nothing, without an error anywhere. One for all partitions of a run.
 */
export class PlacementWatch {
  private readonly placing: Record<InputName, Placing> = {
    impressions: { seen: 0, misplaced: 0 },
    interactions: { seen: 0, misplaced: 0 },
  };
  private readonly said = new Set<Meeting>();

  /** @param topics the inputs by name @param partitions how many each of them has */
  constructor(
    private readonly logger: Pick<Logger, 'warn' | 'error'>,
    private readonly topics: Readonly<Record<InputName, string>>,
    private readonly partitions: Readonly<Record<InputName, number>>,
  ) {}

  /** Takes the counts of a partition before and after a unit of work. */
  observe(before: Counts, after: Counts): void {
    const more = (name: keyof Counts): number => after[name] - before[name];
    this.add('impressions', more('listsCleaned'), more('listsMisplaced'));
    this.add('interactions', more('interactionsCleaned'), more('interactionsMisplaced'));
    const meeting = meetingOf(this.placing);
    if (meeting === undefined || meeting === 'meet' || this.said.has(meeting)) return;
    this.said.add(meeting);
    const inputs = INPUTS.map((input) => ({
      topic: this.topics[input],
      partitions: this.partitions[input],
      messages: Math.round(this.placing[input].seen),
      misplaced: Math.round(this.placing[input].misplaced),
    }));
    if (meeting === 'apart')
      this.logger.error(
        `lists and interactions of one session lie on different partitions and cannot join; ${REMEDY}`,
        {
          inputs,
        },
      );
    else
      this.logger.warn(
        `neither input lies where Kafka's default partitioner puts the session ids: sessions meet only if both are keyed and partitioned alike; else ${REMEDY}`,
        { inputs },
      );
  }

  /** True once it shows that sessions of an input lie elsewhere than the default partitioner puts them. */
  isPlacedOtherwise(input: InputName): boolean {
    return this.placing[input].seen >= LEAST_SEEN && isOtherwise(this.placing[input]);
  }

  private add(input: InputName, seen: number, misplaced: number): void {
    const before = this.placing[input];
    const remembered = Math.exp(-seen / WINDOW_MESSAGES);
    this.placing[input] = {
      seen: before.seen * remembered + seen,
      misplaced: before.misplaced * remembered + misplaced,
    };
  }
}

/** The watch of a run over its input topics. */
export async function placementWatch(
  config: Pick<Config, 'application' | 'topics' | 'transport'>,
  transport: Pick<Transport, 'partitionCount'>,
  logger: Pick<Logger, 'warn' | 'error'>,
): Promise<PlacementWatch> {
  return new PlacementWatch(
    logger,
    {
      impressions: topicName(streamTopics(config), 'impressions'),
      interactions: topicName(streamTopics(config), 'interactions'),
    },
    {
      impressions: await transport.partitionCount('impressions'),
      interactions: await transport.partitionCount('interactions'),
    },
  );
}

const REMEDY =
  'key both topics by session id and produce both with the murmur2 partitioner (the default in Java; partitioner=murmur2_random in librdkafka), or set transport.repartition: session';
