/**
 * What the pipeline asks of a log: partitions handed out one owner at a time, reads by pull, and one transaction for a
 * unit of work. Kafka and the embedded store implement it, and `test/laws/transport-laws.ts` holds both to it.
 */

export const INPUTS = ['impressions', 'interactions'] as const;
export type InputName = (typeof INPUTS)[number];

/** Topics by role; their names are `topics.prefix` + role unless configured. */
export const OUTPUTS = ['training', 'audit', 'late', 'dead-letters', 'snapshots', 'checkpoints', 'pool'] as const;
export type OutputName = (typeof OUTPUTS)[number];
/** The topic of a table, which others write. */
export type TableRole = `table-${string}`;
/** The topic by which partitions share counters, where they do. */
export const COUNTERS = 'counters';
export type TopicRole = InputName | OutputName | TableRole | typeof COUNTERS;

/** A pair of positions, one in each input topic of a partition: the next offset to read. */
export type InputOffsets = Readonly<Record<InputName, number>>;

export interface Headers {
  readonly [name: string]: string;
}

/** A record as the log holds it. Offsets are below 2^53. */
export interface LogRecord {
  readonly offset: number;
  readonly key: Uint8Array | null;
  /** null is a tombstone. */
  readonly value: Uint8Array | null;
  /** Record timestamp given by producer or broker at append, epoch milliseconds. */
  readonly timestampMs: number;
  readonly headers: Headers;
  /** Set when the log's batch that ends here cannot be taken apart: `value` is the beginning of its packed records. */
  readonly unreadable?: Unreadable;
}

/** Why a batch of the log cannot be taken apart, and what it is. */
export interface Unreadable {
  readonly code: 'batch-too-large' | 'batch-damaged' | 'message-too-large';
  readonly reason: string;
  /** Bytes of the packed records, and their SHA-256 in hexadecimal. */
  readonly packedBytes: number;
  readonly packedSha256: string;
}

/** A record to append. `partition` wins over `key`; without either the transport spreads records itself. */
export interface NewRecord {
  readonly topic: TopicRole;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly partition?: number;
  readonly headers?: Headers;
}

/** What one poll of one input brought. */
export interface Fetched {
  readonly records: readonly LogRecord[];
  /** True when nothing more stood in the topic partition as of this poll, or as long before as it allows (always checked against the log itself). */
  readonly caughtUp: boolean;
  /** How long before the poll began the log was looked at for `caughtUp`, in ms; absent: since then. */
  readonly endAgeMs?: number;
  /** Where the next poll goes on, behind what holds no record (marks of transactions); absent while more is at hand. */
  readonly nextOffset?: number;
}

/** The last committed unit of a partition. */
export interface Committed {
  readonly offsets: InputOffsets;
  /** The progress record of that unit, as given to {@link PartitionLease.commit}; null before the first commit. */
  readonly progress: string | null;
}

/** What a poll brings that found nothing, or that a seek has overtaken. */
export const NOTHING_FETCHED: Fetched = { records: [], caughtUp: false };

/** Everything one batch leaves behind, committed as a whole or not at all. */
export interface UnitOfWork {
  readonly records: readonly NewRecord[];
  readonly offsets: InputOffsets;
  /** Progress record, at most {@link MAX_PROGRESS_BYTES} bytes of UTF-8. */
  readonly progress: string;
  /** Input before these offsets is not read again, whatever happens, from this unit on; absent: as it was. */
  readonly neededFrom?: InputOffsets;
  /** Offsets of other partitions that this unit moves, too: for an owner of one partition who reads all of them. */
  readonly others?: ReadonlyMap<number, InputOffsets>;
}

export const MAX_PROGRESS_BYTES = 4096;

/** Exclusive right to one partition number: both inputs' partition p, and the transaction that commits its batches. */
export interface PartitionLease {
  readonly partition: number;
  /** Aborted when the partition was taken away or the transport failed. A commit after that throws `fenced`. */
  readonly signal: AbortSignal;
  /** The last committed unit; a commit under way is waited for. */
  committed(): Promise<Committed>;
  /** Sets where the next polls read from. What was fetched before is forgotten; a poll under way brings nothing and takes nothing. */
  seek(offsets: InputOffsets): Promise<void>;
  /**
   * The next records of one input, in log order, up to about `maxBytes` (at least one record when there is one). Waits up
   * to `waitMs` for the first. Each poll goes on where the last one ended; at most one poll per input runs at a time.
   * @param mayBeOldMs how long before the poll the log may have been looked at for `caughtUp`; default 0
   */
  poll(input: InputName, maxBytes: number, waitMs: number, mayBeOldMs?: number): Promise<Fetched>;
  /** Appends the records and moves the offsets in one transaction. Throws `fenced` when another owner took over. */
  commit(unit: UnitOfWork): Promise<void>;
}

/** One partition of both inputs, read outside any group as its owner reads it. Begins with {@link PartitionLease.seek}. */
export type InputTail = Pick<PartitionLease, 'partition' | 'seek' | 'poll'> & {
  /** `topic/partition` of each input, where an input has several topics: the partition numbers go through all of them. */
  readonly lies?: Readonly<Partial<Record<InputName, string>>>;
};

/** All partitions of both inputs, read at once. */
export interface InputTails {
  readonly tails: readonly InputTail[];
  close(): Promise<void>;
}

/** The parts of a transport that can fail or fall silent on their own. */
export type Ailing = 'consumer-group' | 'fetch' | 'repartition' | `partition-${number}`;

export interface AssignmentListener {
  /** The partition is ours. The promise ends when the owner is done with it; the transport waits for it on revoke. */
  assigned(lease: PartitionLease): Promise<void>;
  /**
   * Something of the transport has failed or been silent for half of the patience there is with
   * it; null once it works again. What concerns a partition (`partition-3`) ends with its next commit.
   */
  ailing?(what: Ailing, reason: string | null): void;
  /** The transport cannot go on (after its own bounded retries). */
  failed(error: Error): void;
}

/** A reader of output topics outside any group: dump, learner, snapshot follower. Sees committed records only. */
export interface TopicReader {
  /** The next records of all partitions, waiting up to `waitMs` for the first. */
  poll(waitMs: number): Promise<readonly ReadRecord[]>;
  /**
   * True when everything committed before this call has been returned by `poll`.
   * @param mayBeOldMs how long before the call the log may have been looked at; default 0
   */
  caughtUp(mayBeOldMs?: number): Promise<boolean>;
  close(): Promise<void>;
}

export interface ReadRecord extends LogRecord {
  readonly topic: TopicRole;
  readonly partition: number;
}

/** Where a reader begins in every partition: an end of the log, or an offset. */
export type ReadFrom = 'earliest' | 'latest' | number;

/** A topic that is not there. */
export interface MissingTopic {
  readonly role: TopicRole;
  /** Full name. */
  readonly topic: string;
}

/** An input topic that has more partitions than the transport knows. */
export interface GrownTopic {
  /** Full name. */
  readonly topic: string;
  readonly from: number;
  readonly to: number;
}

/** How the inputs have grown since the transport learnt their partitions. */
export interface InputGrowth {
  readonly topics: readonly GrownTopic[];
  /** What a transport that is opened now would be refused for; null: it reads them all. */
  readonly waitsFor: string | null;
  /** True when sessions lie on other partitions from now on than before. */
  readonly movesSessions: boolean;
}

export const NO_GROWTH: InputGrowth = { topics: [], waitsFor: null, movesSessions: false };

export interface Transport {
  /** Creates missing topics or checks the present ones; refuses unequal partition counts of the inputs. */
  prepare(): Promise<void>;
  /** Topics of the application that are not there; makes none. */
  missingTopics(): Promise<readonly MissingTopic[]>;
  /** As it was when the transport first looked. */
  partitionCount(topic: TopicRole): Promise<number>;
  /** Asks the log whether an input has more partitions than that by now. */
  grownInputs(): Promise<InputGrowth>;
  /** Bytes that one record of a topic may have, key, value, headers and framing together; Infinity: any number. */
  recordLimit(topic: TopicRole): Promise<number>;
  /**
   * Who else is in the application's group, by the names under which members run. Empty on a store, which refuses a second
   * run by itself.
   */
  othersInGroup(): Promise<readonly string[]>;
  /** Joins the application's group. Resolves once joined; `listener` is told of every partition from then on. */
  join(listener: AssignmentListener): Promise<void>;
  /**
   * Leaves the group: aborts the leases, waits for their owners, gives the partitions back. A join that is under way is given
   * up: it resolves, and nobody is left in the group.
   */
  leave(): Promise<void>;
  /** Appends outside any unit of work (event files, published snapshots). Durable when it resolves. */
  append(records: readonly NewRecord[]): Promise<void>;
  /**
   * Appends to one topic as a whole or not at all: a committed reader sees every record or none, whatever fails. Durable
   * when it resolves. Where `transport.delivery` is at-least-once, in order, and a failure may leave the first ones.
   */
  publish(records: readonly NewRecord[]): Promise<void>;
  /**
   * `partition` narrows the reader to that partition number of every topic (a restore reads one partition's checkpoints).
   * From an offset that retention has removed, polls begin at what there is, or throw `input-lost`.
   */
  reader(topics: readonly TopicRole[], from: ReadFrom, partition?: number): Promise<TopicReader>;
  /** Reads both inputs outside any group; commits nothing. */
  tails(): Promise<InputTails>;
  /** Last committed position of every input partition of the application, whoever owns it. */
  committedAll(): Promise<ReadonlyMap<number, Committed>>;
  /**
   * Says that nobody needs the records of a partition before an offset any more. Absent where the log forgets by its own
   * settings.
   */
  discard?(topic: TopicRole, partition: number, beforeOffset: number): Promise<void>;
  /** End offset (next offset to be written) of every partition of a topic. */
  endOffsets(topic: TopicRole): Promise<readonly number[]>;
  close(): Promise<void>;
}
