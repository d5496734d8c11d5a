/** How one scenario is measured. */
export type ScenarioKind = 'throughput' | 'delivery' | 'threads' | 'memory' | 'encoder' | 'peers' | LifeKind;

/** Scenarios about whole instances, seen from outside. */
export type LifeKind = 'restart' | 'quiet' | 'rebalance' | 'first-start';

export interface Scenario {
  /** Permanent: results of two versions are compared by it. */
  readonly id: string;
  readonly kind: ScenarioKind;
  readonly transport: 'embedded' | 'kafka' | 'none';
  /** Impressions in the stream; for memory, how many are open at once; for the encoder, texts; for instances, partitions. */
  readonly size: number;
  readonly what: string;
}

/** Seed of all traffic. A change makes a new scenario id. */
export const SEED = 20_260_105;

/** Every scenario. Ids, sizes and seeds never change; a new question gets a new id. */
export const SCENARIOS: readonly Scenario[] = [
  {
    id: 'embedded',
    kind: 'throughput',
    transport: 'embedded',
    size: 300_000,
    what: 'impressions/s end to end on the embedded store, warm text cache, boosting champion',
  },
  {
    id: 'kafka',
    kind: 'throughput',
    transport: 'kafka',
    size: 300_000,
    what: 'impressions/s end to end on one Kafka broker on this machine, one partition, warm text cache, boosting champion',
  },
  {
    id: 'kafka-delivery',
    kind: 'delivery',
    transport: 'kafka',
    size: 150_000,
    what: 'throughput on Kafka with exactly-once delivery as a share of that with at-least-once, runs of both in turn',
  },
  {
    id: 'threads',
    kind: 'threads',
    transport: 'embedded',
    size: 600_000,
    what: 'throughput of two partitions in two threads (run.threads) as a share of that in one, encoder off, runs of both in turn',
  },
  {
    id: 'encoder',
    kind: 'encoder',
    transport: 'none',
    size: 1_500,
    what: 'texts/s of the built-in encoder beside onnxruntime for Python, same file, same texts',
  },
  {
    id: 'peers',
    kind: 'peers',
    transport: 'none',
    size: 100_000,
    what: 'the same join in Bytewax, Quix Streams and Kafka Streams beside Sluice, on one broker, one partition, in turns (they are fetched from PyPI and Maven)',
  },
  {
    id: 'open-100k',
    kind: 'memory',
    transport: 'embedded',
    size: 100_000,
    what: 'peak memory with 100,000 impressions waiting for their outcome',
  },
  {
    id: 'open-1m',
    kind: 'memory',
    transport: 'embedded',
    size: 1_000_000,
    what: 'peak memory with 1,000,000 impressions waiting for their outcome',
  },
  {
    id: 'restart',
    kind: 'restart',
    transport: 'kafka',
    size: 12,
    what: 'seconds from kill −9 and from SIGTERM to the first commit of the next process, default settings, 12 partitions, 35 minutes of traffic behind it',
  },
  {
    id: 'restart-64',
    kind: 'restart',
    transport: 'kafka',
    size: 64,
    what: 'the same with 64 partitions',
  },
  {
    id: 'quiet',
    kind: 'quiet',
    transport: 'kafka',
    size: 12,
    what: 'cores that a process with 12 partitions takes without input, and at 200 impressions/s',
  },
  {
    id: 'rebalance',
    kind: 'rebalance',
    transport: 'kafka',
    size: 64,
    what: 'seconds without commits while one instance with 64 partitions becomes three, and one again',
  },
  {
    id: 'first-start',
    kind: 'first-start',
    transport: 'kafka',
    size: 256,
    what: 'first starts on fresh brokers with 1, 16, 64 and 256 partitions, one and three instances at once, that are not calm',
  },
];
