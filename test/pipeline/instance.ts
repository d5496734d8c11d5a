import { lastValueFrom } from 'rxjs';
import { jsonImpressions, jsonInteractions, jsonLate, jsonSamples } from '../../src/adapters/avro/json-codecs.js';
import { createPseudonymiser } from '../../src/adapters/hmac/index.js';
import { MemoryTransport, silentLogger, type ManualClock, type MemoryLog } from '../../src/adapters/memory/index.js';
import { systemClock } from '../../src/adapters/system/index.js';
import type { LiveConfig } from '../../src/config/live.js';
import type { Config } from '../../src/config/schema.js';
import { withCounters } from '../../src/config/topics.js';
import { rowsBetween } from '../../src/bundle/bundle.js';
import { unpackRows } from '../../src/bundle/pack.js';
import { POOLED } from '../../src/bundle/sample.js';
import { SluiceError } from '../../src/errors.js';
import { foldOf } from '../../src/events/fold.js';
import { diverted, collided, tooLate, type Gate } from '../../src/pipeline/admit.js';
import { unknownBefore } from '../../src/pipeline/admitted-before.js';
import type { CapturedJoin } from '../../src/pipeline/join/join.js';
import { retire } from '../../src/pipeline/checkpoint/retire.js';
import type { Champion, Partition, PartitionDeps, VectorSource } from '../../src/pipeline/partition.js';
import { unitsOf } from '../../src/pipeline/pipeline.js';
import type { Reorder } from '../../src/pipeline/order/reorder.js';
import { divertsAny } from '../../src/pipeline/quality/rules.js';
import { turnstileOf } from '../../src/pipeline/quality/turnstile.js';
import { configUnder, named, STAGES_VERSION, type AdmissionSettings } from '../../src/pipeline/settings/admission.js';
import { admissionConfigOf, changeClassOf } from '../../src/config/changes.js';
import { shownConfig } from '../../src/config/shown.js';
import { restorePartition } from '../../src/pipeline/restore.js';
import { scorerOf } from '../../src/pipeline/score/scorers.js';
import type { Codec } from '../../src/ports/codec.js';
import type { Model } from '../../src/ports/model.js';
import type { InputName, PartitionLease, ReadRecord, TopicRole, UnitOfWork } from '../../src/ports/transport.js';
import { hash32, keyOf } from './kit.js';
import { randomOf } from './traffic.js';

/** How one instance of the application lives and ends. */
export interface Life {
  readonly untilEnd: boolean;
  /** Seed of what it reads at a time, and of how much it may score at a time. */
  readonly noise?: number;
  /** Ends in good order after this many commits. */
  readonly stopAfterCommits?: number;
  /** Ends after this many units of work, whether they committed anything or not. */
  readonly stopAfterUnits?: number;
  /** Scores until so many samples have been seen, as while a fit is waited for. */
  readonly scoresUntil?: number;
  /** Writes its state down whole when it ends in good order, as a drain does. */
  readonly retires?: boolean;
  /** The commit of this number (from 1) fails, leaving nothing, and ends it. */
  readonly failAtCommit?: number;
  /** The commit of this number stands, but its answer is lost, which ends it. */
  readonly loseAnswerAtCommit?: number;
  /** Wall time that passes with each poll at most, ms. */
  readonly passMs?: number;
  /** Text of messages whose schema the registry does not know in this life. */
  readonly unknownSchema?: RegExp;
  /** Ends it after the unit of work under way once this says so. */
  readonly isOver?: () => boolean;
  /** Runs before each poll of the impressions: a life sees there what its time brings. */
  readonly beforePoll?: () => Promise<void>;
  /** Waits with each poll until no checkpoint is being packed, as if packing took no time. */
  readonly packsAtOnce?: boolean;
  /** Told of every poll of an input and how many records it brought. */
  readonly onPolled?: (input: InputName, recordCount: number) => void;
  /** Runs before each commit. */
  readonly beforeCommit?: (unit: UnitOfWork) => Promise<void>;
  /** What may change while it runs, asked before each unit of work. */
  readonly now?: () => LiveConfig;
  /** Sees the partition right after its restore. */
  readonly onRestored?: (partition: Partition) => void;
}

export interface World {
  readonly log: MemoryLog;
  readonly clock: ManualClock;
  readonly config: Config;
}

const topicsOf = ({ topics, features }: Config): Config['topics'] => withCounters(topics, features);
const TOPIC_NAMES = { impressions: 'in.impressions', interactions: 'in.interactions' };
const keyed = createPseudonymiser(new Uint8Array(32).fill(7));
const codecs = {
  impressions: jsonImpressions(),
  interactions: jsonInteractions(),
  training: jsonSamples(),
  audit: jsonSamples(),
  late: jsonLate(),
};

/** Lives one life and gives back the partition as it was after its last commit. Throws only what no life should end with. */
export async function live(
  { log, clock, config }: World,
  life: Life,
): Promise<{ readonly partition: Partition | undefined; readonly isDone: boolean }> {
  const transport = new MemoryTransport({ application: config.application, topics: topicsOf(config), clock, log });
  await transport.prepare();
  let partition: Partition | undefined;
  let failure: unknown;
  await new Promise<void>((done) => {
    void transport.join({
      failed: (error) => (failure ??= error),
      assigned: async (lease) => {
        try {
          const isPacking = () => partition?.isPacking === true;
          const watched = watchedLease(transport, lease, clock, life, isPacking);
          const deps = {
            ...depsOf(config, watched.lease, clock, life),
            unknownBefore: () => unknownBefore(transport, 0, TOPIC_NAMES),
          };
          const restored = await restorePartition(deps, {
            transport,
            logger: silentLogger,
            onProgress: () => undefined,
          });
          partition = restored;
          life.onRestored?.(restored);
          let units = 0;
          const isStopping = () =>
            life.isOver?.() === true ||
            watched.commits() >= (life.stopAfterCommits ?? Infinity) ||
            ++units >= (life.stopAfterUnits ?? 50_000);
          const restoredAt = restored.position();
          partition = await lastValueFrom(unitsOf(restored, isStopping), { defaultValue: restored });
          if (life.retires && !partition.isDone) await retire(partition, Infinity, restoredAt);
        } catch (error) {
          failure ??= error;
        }
        done();
      },
    });
  });
  await transport.leave();
  if (failure !== undefined && !(failure instanceof Crash)) throw failure;
  return { partition, isDone: partition?.isDone ?? false };
}

/** Reads everything again and throws it away, as a look-up does. @param step takes the next messages through stages of its own */
export async function retraced(
  { log, clock, config }: World,
  step: (partition: Partition) => Promise<unknown>,
): Promise<void> {
  const transport = new MemoryTransport({ application: config.application, topics: topicsOf(config), clock, log });
  await transport.prepare();
  let failure: unknown;
  await new Promise<void>((done) => {
    void transport.join({
      failed: (error) => (failure ??= error),
      assigned: async (lease) => {
        try {
          await restorePartition(depsOf(config, lease, clock, { untilEnd: false }), {
            transport,
            logger: silentLogger,
            onProgress: () => undefined,
            retrace: {
              through: { run: (_runner, partition) => step(partition) },
              mayBeginAt: () => false,
              isDone: () => false,
            },
          });
        } catch (error) {
          failure ??= error;
        }
        done();
      },
    });
  });
  await transport.leave();
  if (failure !== undefined) throw failure;
}

/** The end that a life was given. */
class Crash extends Error {}

function watchedLease(
  transport: MemoryTransport,
  lease: PartitionLease,
  clock: ManualClock,
  life: Life,
  isPacking: () => boolean,
): { lease: PartitionLease; commits: () => number } {
  const random = life.noise === undefined ? undefined : randomOf(life.noise);
  let commits = 0;
  return {
    commits: () => commits,
    lease: {
      partition: lease.partition,
      signal: lease.signal,
      committed: () => lease.committed(),
      seek: (offsets) => lease.seek(offsets),
      async poll(input, maxBytes, waitMs) {
        if (input === 'impressions') await life.beforePoll?.();
        while (life.packsAtOnce && isPacking()) await systemClock.sleep(1);
        if (life.passMs !== undefined && random) clock.jump(Math.floor(random() * life.passMs));
        if (!random) {
          const fetched = await lease.poll(input, maxBytes, waitMs);
          life.onPolled?.(input, fetched.records.length);
          return fetched;
        }
        if (random() < 0.3) {
          await new Promise((resolve) => setImmediate(resolve));
          return { records: [], caughtUp: false };
        }
        return lease.poll(input, 1 + Math.floor(random() ** 3 * 6_000), waitMs);
      },
      async commit(unit) {
        commits++;
        await life.beforeCommit?.(unit);
        if (commits === life.failAtCommit) transport.failCommit(new Crash());
        if (commits === life.loseAnswerAtCommit) transport.loseCommitAnswer(new Crash());
        await lease.commit(unit);
      },
    },
  };
}

/** What a life reads its input under. */
export function admissionOf(config: Config): AdmissionSettings {
  return {
    stages: STAGES_VERSION,
    keyId: keyed.keyId,
    config: admissionConfigOf(config),
    mapping: null,
    schemas: {},
  };
}

function depsOf(config: Config, lease: PartitionLease, clock: ManualClock, life: Life): PartitionDeps {
  const settings = named(admissionOf(config));
  const under = (admission: AdmissionSettings, state: AdmissionSettings): PartitionDeps => ({
    ...depsOf(configUnder(config, state), lease, clock, life),
    gate: depsOf(configUnder(config, admission), lease, clock, life).gate,
  });
  const gate: Gate = {
    partition: 0,
    topicNames: TOPIC_NAMES,
    impressions: registered(codecs.impressions, life),
    interactions: registered(codecs.interactions, life),
    privacy: { keyed, requestIds: config.privacy.requestIds },
    clean: config.clean,
    maxMessageBytes: config.decode.maxMessageBytes,
    keepsInteractions: divertsAny(config.quality.rules),
  };
  const { allowedLatenessMs } = config.join;
  return {
    config,
    lease,
    gate,
    classOf: changeClassOf,
    shownConfig,
    settings,
    under,
    vectors: hashedVectors(),
    keyOf,
    scorer: scorerOf(config.selection),
    champion: championOf(life),
    routes: {
      training: codecs.training,
      audit: codecs.audit,
      late: codecs.late,
      application: config.application,
      headers: {},
      deadLetterHeaders: {},
      featureSetId: 'fs-test',
      foldOf: (session) => foldOf(session, hash32),
      pseudonymKeyId: keyed.keyId,
      embeddings: false,
    },
    followSettings: {
      goals: config.label,
      allowedLatenessMs,
      keyed,
      keepVectors: false,
      tooLate: tooLate(gate),
      collided: collided(gate),
      turnstile: turnstileOf(config.quality.rules, diverted(gate)),
    },
    clock,
    untilEnd: life.untilEnd,
    ...(life.now && { now: life.now }),
  };
}

/** A codec that does not know every schema. */
function registered<T>(codec: Codec<T>, { unknownSchema }: Life): Codec<T> {
  return {
    ...codec,
    decode(value) {
      if (unknownSchema?.test(text(value))) throw new SluiceError('schema-unknown', { schemaId: 7 });
      return codec.decode(value);
    },
  };
}

/** Unit vectors that are a hash of the text, of the texts loaded last only. */
function hashedVectors(): VectorSource {
  let loaded = new Set<string>();
  return {
    load: (texts) => Promise.resolve(void (loaded = new Set(texts))),
    get(text) {
      if (!loaded.has(text)) return undefined;
      const values = Float32Array.from({ length: 4 }, (_, i) => hash32(text, i) / 4_294_967_296 - 0.5);
      const norm = Math.hypot(...values);
      return values.map((value) => value / norm);
    },
  };
}

/** A model whose probability is a function of the row alone; a noisy life may score only so many at a time. */
function championOf({ noise, scoresUntil }: Life): Champion {
  const random = noise === undefined ? undefined : randomOf(noise + 1);
  const model: Model = {
    snapshotVersion: 'v1',
    featureSetId: 'fs-test',
    memberCount: 1,
    predict(rows, rowCount) {
      const width = rows.length / rowCount;
      const probability = Float32Array.from({ length: rowCount }, (_, i) => {
        let sum = 0;
        for (const value of rows.subarray(i * width, (i + 1) * width)) if (value === value) sum += value;
        return 1 / (1 + Math.exp(-Math.sin(sum)));
      });
      return Promise.resolve({ probability, members: probability });
    },
    close: () => Promise.resolve(),
  };
  return {
    current: () => model,
    allowance: (samplesSeen) => {
      const most = random && random() < 0.5 ? 1 + Math.floor(random() * 20) : Infinity;
      return Promise.resolve(Math.min(most, Math.max(0, (scoresUntil ?? Infinity) - samplesSeen)));
    },
  };
}

/**
 * Everything the application has put out, as text by topic: keys, headers and values. Dead letters stand sorted: those of
 * messages that could not be admitted go out with the chunk that brought them, whose size is chance.
 */
export async function outputsOf({ log, clock, config }: World): Promise<Record<string, string[]>> {
  const roles: TopicRole[] = ['training', 'audit', 'late', 'dead-letters', 'pool'];
  const records = await readAll({ log, clock, config }, roles);
  const outputs: Record<string, string[]> = Object.fromEntries(roles.map((role) => [role, []]));
  for (const { topic, key, value, headers } of records)
    if (topic === 'pool') outputs['pool']!.push(...pooledRows(value!));
    else outputs[topic]!.push(`${text(key)} ${JSON.stringify(headers)} ${text(value)}`);
  outputs['dead-letters']!.sort();
  return outputs;
}

/** Rows of the pool one by one: how many stand in a record depends on the unit that brought them. */
function pooledRows(value: Uint8Array): string[] {
  const { facts, bundle } = unpackRows(POOLED, value)!;
  return Array.from({ length: bundle.rowCount }, (_, i) => {
    const { rowCount: _count, columnCount: _columns, ...row } = rowsBetween(POOLED, bundle, i, i + 1);
    const ordinal = Number(facts['ordinal']) + i;
    return JSON.stringify({ ...facts, rowCount: 1, ordinal, ...row });
  });
}

/** Every record of some topics. */
export async function readAll({ log, clock, config }: World, roles: readonly TopicRole[]): Promise<ReadRecord[]> {
  const transport = new MemoryTransport({ application: 'reader', topics: topicsOf(config), clock, log });
  await transport.prepare();
  const reader = await transport.reader(roles, 'earliest');
  const records: ReadRecord[] = [];
  while (!(await reader.caughtUp())) records.push(...(await reader.poll(0)));
  await reader.close();
  return records;
}

/** Appends records to the log. */
export async function feed(
  { log, clock, config }: World,
  records: Parameters<MemoryTransport['append']>[0],
): Promise<void> {
  const transport = new MemoryTransport({ application: 'producer', topics: topicsOf(config), clock, log });
  await transport.prepare();
  await transport.append(records);
}

/** The committed progress record. */
export async function progressOf({ log, clock, config }: World): Promise<string | null> {
  const transport = new MemoryTransport({ application: config.application, topics: topicsOf(config), clock, log });
  await transport.prepare();
  return (await transport.committedAll()).get(0)?.progress ?? null;
}

/** A partition's state in a form that can be compared: everything a later event could tell apart. */
export function stateOf({ state, reorder, counts }: Partition): unknown {
  const { features, conduct, join, pending, seenImpressions, seenInteractions } = state;
  join.advance(reorder.watermarkMs);
  const rows = join.lanes.map((lane) => {
    const count = lane.end - lane.emittedBefore;
    const values = new Float32Array(count * lane.columnCount);
    lane.rows.gather(lane.emittedBefore, count, values);
    return values;
  });
  const keysIn = (keys: ArrayLike<number> | undefined): number[] =>
    Array.from(keys ?? [])
      .filter((key) => key !== 0)
      .sort((a, b) => a - b);
  const seen = ({ young, old, since }: Readonly<Record<string, ArrayLike<number>>>) => ({
    young: keysIn(young),
    old: keysIn(old),
    since,
  });
  return {
    tables: Object.fromEntries(Object.entries(features.tables()).map(([name, table]) => [name, table.capture()])),
    conduct: conduct.table.capture(),
    seenImpressions: seen(seenImpressions.capture()),
    seenInteractions: seen(seenInteractions.capture()),
    join: joinOf(join.capture()),
    pending: pending.capture(),
    rows,
    // Of an advance that another took the place of, the floor is lower, and nothing depends on it.
    start: startOf(reorder),
    waitingCount: reorder.waitingCount,
    watermarkMs: reorder.watermarkMs,
    counts: { ...counts },
  };
}

/** The floor of the past matters to no event once a later advance stands for it; the present one does. */
function startOf(reorder: Reorder): unknown {
  const { floorMs, ...start } = reorder.rewindPoint();
  const { offsets, readTo } = start;
  // Nothing waits for its turn, and nothing is held.
  const isPast = offsets.impressions < readTo.impressions || offsets.interactions < readTo.interactions;
  return isPast ? start : { ...start, floorMs };
}

/** Links to lists that are forgotten lead nowhere, whatever number they bear. */
function joinOf(captured: CapturedJoin): CapturedJoin {
  const known = new Set(captured.lists.map(({ sequence }) => sequence));
  const link = (sequence: number): number => (known.has(sequence) ? sequence : -1);
  const lists = captured.lists.map((list) => ({
    ...list,
    previousOfSession: link(list.previousOfSession),
    previousOfRequest: link(list.previousOfRequest),
  }));
  return { ...captured, lists };
}

function text(bytes: Uint8Array | null): string {
  return bytes === null ? '' : new TextDecoder().decode(bytes);
}
