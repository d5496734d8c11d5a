import type { Config } from '../config/schema.js';
import { messageOf, SluiceError } from '../errors.js';
import { decodeProgress } from '../pipeline/progress/progress.js';
import type { Clock } from '../ports/clock.js';
import { INPUTS, type InputName, type TopicRole, type Transport } from '../ports/transport.js';
import { readCatalogue } from '../snapshot/index.js';
import { committedCounts, renderCounts, type Accounting } from './accounting.js';
import { firstFrom } from './read-range.js';

/** One input partition as the topics tell it. */
export interface PartitionStatus {
  readonly partition: number;
  /** Messages that stand in the topic and are not committed. */
  readonly lag: Readonly<Record<InputName, number>>;
  /** How long the oldest of them has stood there; null: there is none. */
  readonly oldestUnreadMs: number | null;
  /** Event time up to which it is complete; null before the first commit. */
  readonly watermarkMs: number | null;
  /** How far that lies behind the clock. */
  readonly behindClockMs: number | null;
}

/** What an instance says of itself. */
export interface InstanceStatus {
  readonly url: string;
  /** null: it does not answer. */
  readonly state: string | null;
  readonly sinceMs: number | null;
  readonly isAlive: boolean;
  readonly isReady: boolean;
  /** What stands in its way, or why it does not answer. */
  readonly alarms: readonly string[];
}

/** What the topics tell of an application. */
export interface TopicStatus {
  readonly unanswered: null;
  readonly lag: Readonly<Record<InputName, number>>;
  readonly oldestUnreadMs: number | null;
  /** The lowest of the partitions that have committed. */
  readonly watermarkMs: number | null;
  readonly behindClockMs: number | null;
  readonly partitions: readonly PartitionStatus[];
  readonly selection: {
    /** Share to keep; null: `perSecond` decides. */
    readonly budget: number | null;
    readonly perSecond: number | null;
    /** Kept of those that the coin decided on, since the beginning; null: none yet. */
    readonly keptFraction: number | null;
    readonly ratio: number | null;
    readonly standardError: number | null;
    readonly samples: Accounting['samples'];
  };
  readonly champion: {
    readonly version: string;
    readonly learner: string;
    readonly promotedMs: number;
    readonly isPinned: boolean;
    readonly calibration: number | null;
    readonly normalisedEntropy: number | null;
  } | null;
  readonly deadLetters: { readonly impressions: number; readonly interactions: number };
}

/** What was asked when the topics told nothing more. */
export interface Unanswered {
  readonly unanswered: { readonly step: string; readonly why: string };
}

/** An application on one screen: what the topics tell in time, and what an instance says of itself. */
export type Status = {
  readonly application: string;
  readonly transport: string;
  /** null: the config serves nothing, or nobody was to be asked. */
  readonly instance: InstanceStatus | null;
} & (TopicStatus | Unanswered);

/** What a probe of an instance brought. */
export interface Answer {
  readonly ok: boolean;
  readonly body: unknown;
}

export interface StatusDeps {
  readonly config: Config;
  readonly transport: Pick<
    Transport,
    'prepare' | 'missingTopics' | 'reader' | 'committedAll' | 'endOffsets' | 'partitionCount'
  >;
  readonly clock: Clock;
  /** How long the topics may take to answer. */
  readonly withinMs: number;
  /** Address of an instance; undefined: none is asked. */
  readonly url: string | undefined;
  /** Asks an address. Rejects when nobody answers. */
  readonly ask: (url: string) => Promise<Answer>;
}

/**
 * Looks at topics and, where there is an address, at the instance behind it. Writes nothing to a cluster. Topics that cannot
 * be asked, or not in time, are told as such beside what the instance says. Throws what the operator must change.
 */
export async function statusOf(deps: StatusDeps): Promise<Status> {
  const { config, url } = deps;
  const [instance, topics] = await Promise.all([
    url === undefined ? null : instanceAt(url, deps.ask),
    topicsWithin(deps),
  ]);
  return { application: config.application, transport: config.transport.kind, instance, ...topics };
}

/** The topics, or the step at which they failed or the time was up. */
async function topicsWithin(deps: StatusDeps): Promise<TopicStatus | Unanswered> {
  const { clock, withinMs } = deps;
  let step = '';
  const asked = topicsOf(deps, (next) => (step = next));
  const answered = new AbortController();
  const overdue = clock.sleep(withinMs, answered.signal).then(() => null);
  try {
    const topics = await Promise.race([asked, overdue]);
    return topics ?? { unanswered: { step, why: `no answer within ${withinMs / 1000} s` } };
  } catch (thrown) {
    if (!(thrown instanceof SluiceError) || (thrown.class !== 'transient' && thrown.code !== 'topic-missing'))
      throw thrown;
    return { unanswered: { step, why: thrown.reason } };
  } finally {
    answered.abort();
    // Whatever comes later is nobody's.
    asked.catch(() => undefined);
  }
}

async function topicsOf(deps: StatusDeps, at: (step: string) => void): Promise<TopicStatus> {
  const { config, transport, clock } = deps;
  await openTopics(deps, at);
  const nowMs = clock.nowMs();
  const partitions = await partitionsOf(deps, nowMs, at);
  at('the counts of what was committed');
  const counts = await committedCounts(transport);
  const { samples, weights, champion, impressions, interactions } = renderCounts(counts, 0);
  const decided = samples.seen - samples.audit;
  const { budget, perSecond } = config.selection;
  const watermarks = partitions.flatMap(({ watermarkMs }) => watermarkMs ?? []);
  const watermarkMs = watermarks.length > 0 ? Math.min(...watermarks) : null;
  const ages = partitions.flatMap(({ oldestUnreadMs }) => oldestUnreadMs ?? []);
  const sum = (input: InputName): number => partitions.reduce((total, { lag }) => total + lag[input], 0);
  at('the champion, from the snapshots topic');
  return {
    unanswered: null,
    lag: { impressions: sum('impressions'), interactions: sum('interactions') },
    oldestUnreadMs: ages.length > 0 ? Math.max(...ages) : null,
    watermarkMs,
    behindClockMs: watermarkMs === null ? null : nowMs - watermarkMs,
    partitions,
    selection: {
      budget: perSecond > 0 ? null : budget,
      perSecond: perSecond > 0 ? perSecond : null,
      keptFraction: decided > 0 ? samples.kept / decided : null,
      ratio: weights.ratio,
      standardError: weights.standardError,
      samples,
    },
    champion: await championOf(transport, champion),
    deadLetters: { impressions: impressions.deadLettered, interactions: interactions.deadLettered },
  };
}

/** Makes a local store ready; of a cluster it only asks whether the topics are there. Throws `topic-missing`. */
async function openTopics({ config, transport }: StatusDeps, at: (step: string) => void): Promise<void> {
  const { kind, path, brokers } = config.transport;
  if (kind === 'embedded') {
    at(`the store in ${path}`);
    return transport.prepare();
  }
  at(`a first answer of ${brokers.join(', ')}`);
  const missing = (await transport.missingTopics()).find(({ role }) => LOOKED_AT.includes(role));
  if (missing) throw new SluiceError('topic-missing', { topic: missing.topic });
}

const LOOKED_AT: readonly TopicRole[] = [...INPUTS, 'snapshots'];

async function partitionsOf(
  { transport }: StatusDeps,
  nowMs: number,
  at: (step: string) => void,
): Promise<readonly PartitionStatus[]> {
  at('the committed offsets');
  const committed = await transport.committedAll();
  at('the ends of the inputs');
  const ends = {
    impressions: await transport.endOffsets('impressions'),
    interactions: await transport.endOffsets('interactions'),
  };
  const partitionOf = async (_: number, partition: number): Promise<PartitionStatus> => {
    const { offsets, progress } = committed.get(partition) ?? { offsets: NOTHING_READ, progress: null };
    const lagOf = (input: InputName): number => Math.max(0, (ends[input][partition] ?? 0) - offsets[input]);
    const unread = INPUTS.filter((input) => lagOf(input) > 0);
    const times: number[] = [];
    for (const input of unread) {
      at(`the oldest unread message of the ${input} topic, partition ${partition}`);
      const first = await firstUnread(transport, input, partition, offsets[input]);
      if (first) times.push(first.timestampMs);
    }
    const { watermarkMs } = decodeProgress(progress);
    const isKnown = Number.isFinite(watermarkMs);
    return {
      partition,
      lag: { impressions: lagOf('impressions'), interactions: lagOf('interactions') },
      oldestUnreadMs: times.length > 0 ? Math.max(0, nowMs - Math.min(...times)) : null,
      watermarkMs: isKnown ? watermarkMs : null,
      behindClockMs: isKnown ? nowMs - watermarkMs : null,
    };
  };
  const found: PartitionStatus[] = [];
  for (let from = 0; from < ends.impressions.length; from += AT_ONCE) {
    const some = ends.impressions.slice(from, from + AT_ONCE);
    found.push(...(await Promise.all(some.map((end, each) => partitionOf(end, from + each)))));
  }
  return found;
}

/** Partitions looked into at a time: each opens connections of its own. */
const AT_ONCE = 8;
const NOTHING_READ = { impressions: 0, interactions: 0 };

/** The oldest message that is not committed; undefined: retention has removed it, or a transaction hides it. */
async function firstUnread(transport: StatusDeps['transport'], input: InputName, partition: number, offset: number) {
  try {
    return await firstFrom(transport, input, partition, offset === 0 ? 'earliest' : offset);
  } catch (thrown) {
    if (thrown instanceof SluiceError && thrown.code === 'input-lost') return undefined;
    throw thrown;
  }
}

async function championOf(
  transport: StatusDeps['transport'],
  { calibration, normalisedEntropy }: Accounting['champion'],
): Promise<TopicStatus['champion']> {
  const { pointer, manifests } = await readCatalogue(transport);
  if (!pointer) return null;
  return {
    version: pointer.version,
    learner: manifests.get(pointer.version)?.learner ?? 'unknown',
    promotedMs: pointer.setAtMs,
    isPinned: pointer.isPinned,
    calibration,
    normalisedEntropy,
  };
}

/** Probes as `/live` and `/ready` give them; anything else there is no instance. */
async function instanceAt(url: string, ask: StatusDeps['ask']): Promise<InstanceStatus> {
  const none = { url, state: null, sinceMs: null, isAlive: false, isReady: false };
  try {
    const [live, ready] = await Promise.all([ask(`${url}/live`), ask(`${url}/ready`)]);
    const { state, sinceMs, reasons } = ready.body as { state?: unknown; sinceMs?: unknown; reasons?: unknown };
    if (typeof state !== 'string' || !Array.isArray(reasons))
      return { ...none, alarms: ['what answers there is no instance of Sluice'] };
    const since = typeof sinceMs === 'number' ? sinceMs : null;
    return { url, state, sinceMs: since, isAlive: live.ok, isReady: ready.ok, alarms: reasons.map(String) };
  } catch (thrown) {
    return { ...none, alarms: [`no answer: ${messageOf((thrown as Error).cause ?? thrown)}`] };
  }
}
