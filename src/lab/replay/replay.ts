import { isDeepStrictEqual } from 'node:util';
import { noMetrics } from '../../adapters/memory/index.js';
import { describeFeatures } from '../../app/describe.js';
import { withRecordedEncoder } from '../../app/encoder-choice.js';
import { openKeyring } from '../../app/made-by.js';
import { stepGate } from '../../app/repartition/step-gate.js';
import { runSluice } from '../../app/run.js';
import { openCodecs, openTransport } from '../../app/wire.js';
import type { Config } from '../../config/schema.js';
import { SluiceError } from '../../errors.js';
import { createHealthBoard } from '../../observe/health-board.js';
import type { Clock } from '../../ports/clock.js';
import type { Logger } from '../../ports/logger.js';
import { INPUTS, type InputName, type InputOffsets, type InputTails, type Transport } from '../../ports/transport.js';
import { beginningOf, type Beginning } from './beginnings.js';
import { takeChampionOf } from './champion-then.js';
import { overAtMs, type ReplayRange, spanOf } from './range.js';
import { keepReplayRecord, readReplayRecord, type ReplayCost, type ReplayRecord } from './replay-record.js';
import { ReplayTransport, type ReplayReading } from './replay-transport.js';
import { shadowOf, type Shadow } from './shadow.js';

/** What is replayed, and how. */
export interface ReplayWishes {
  readonly name: string;
  readonly range: ReplayRange;
  /** The application's configuration with the changes of the replay. */
  readonly config: Config;
  /** The changes, as they were given. */
  readonly sets: readonly string[];
  /** False: it begins without a model. */
  readonly takesChampion: boolean;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  readonly onProgress?: (doneCount: number, fraction: number | null) => void;
}

/**
 * Runs the processor over the part of an application's input that decides about the impressions of a range, under another
 * configuration, into topics, progress and a group of its own: nothing of the application is written. One that was stopped
 * goes on when it is asked for again.
 * @throws replay-range, replay-exists, and what a run throws
 */
export async function replay(wishes: ReplayWishes): Promise<ReplayRecord> {
  const { name, range, clock, logger } = wishes;
  refuseOpenRange(range, wishes);
  const deps = { logger, clock };
  const source = openTransport(wishes.config, deps);
  let own: Transport | undefined;
  let tails: InputTails | undefined;
  try {
    await source.prepare();
    const config = await withChosenEncoder(wishes.config, source);
    const shadow = shadowOf(config, name, await source.partitionCount('impressions'));
    tails = await source.tails();
    // First, so that a range that is refused leaves nothing behind.
    const reading = await readingOf(wishes, config, source, tails);
    own = openTransport(shadow.place, deps);
    await own.prepare();
    const record = await begun(wishes, shadow, source, own);
    const written: Record<string, { records: number; bytes: number }> = {};
    const transport = new ReplayTransport(source, own, tails, {
      ...reading,
      wrote(topic, bytes) {
        const sum = (written[topic] ??= { records: 0, bytes: 0 });
        sum.records += 1;
        sum.bytes += bytes;
      },
    });
    const [cpu, beganMs] = [process.cpuUsage(), clock.monotonicMs()];
    const accounting = await runSluice(shadow.config, {
      untilEnd: true,
      signal: wishes.signal,
      logger,
      metrics: noMetrics,
      health: createHealthBoard(clock, () => undefined),
      transport,
      clock,
      ...(wishes.onProgress ? { onProgress: wishes.onProgress } : {}),
    });
    if (wishes.signal.aborted) return record;
    const { user, system } = process.cpuUsage(cpu);
    const cost: ReplayCost = {
      wallMs: Math.round(clock.monotonicMs() - beganMs),
      cpuMs: Math.round((user + system) / 1000),
      written,
    };
    const done = { ...record, finished: { atMs: clock.nowMs(), cost, accounting } };
    await withOwn(shadow, deps, (again) => keepReplayRecord(again, done));
    return done;
  } finally {
    await own?.close();
    await tails?.close();
    await source.close();
  }
}

/** Opens the place of a replay again, which its run has closed. */
async function withOwn<T>(
  { place }: Shadow,
  deps: Parameters<typeof openTransport>[1],
  action: (own: Transport) => Promise<T>,
): Promise<T> {
  const own = openTransport(place, deps);
  try {
    await own.prepare();
    return await action(own);
  } finally {
    await own.close();
  }
}

/** The encoder that the application has chosen, by its own name, so that no replay of it chooses another. */
async function withChosenEncoder(config: Config, source: Pick<Transport, 'reader' | 'committedAll'>): Promise<Config> {
  const chosen = await withRecordedEncoder(config, source);
  const { encoder } = chosen;
  const hasRun = [...(await source.committedAll()).values()].some(({ progress }) => progress !== null);
  return hasRun && encoder.model === 'builtin' && encoder.tokenizer === 'builtin'
    ? { ...chosen, encoder: { ...encoder, model: 'builtin-en' } }
    : chosen;
}

function refuseOpenRange(range: ReplayRange, { config, clock }: Pick<ReplayWishes, 'config' | 'clock'>): void {
  const overMs = overAtMs(range, config);
  if (range.fromMs >= range.toMs) throw refused(range, 'it ends before it begins');
  if (overMs > clock.nowMs()) throw refused(range, `its last attribution windows are over at ${isoOf(overMs)} only`);
}

async function readingOf(
  { range, clock, logger, signal }: ReplayWishes,
  config: Config,
  source: Transport,
  { tails }: InputTails,
): Promise<Omit<ReplayReading, 'wrote'>> {
  const gate = stepGate(config, openCodecs(config, { logger, clock }));
  const spans = {
    impressions: spanOf('impressions', range, config),
    interactions: spanOf('interactions', range, config),
  };
  const ends = {
    impressions: await source.endOffsets('impressions'),
    interactions: await source.endOffsets('interactions'),
  };
  const found = new Map<number, Beginning>();
  for (const tail of tails) {
    const { partition } = tail;
    const endsHere = { impressions: ends.impressions[partition]!, interactions: ends.interactions[partition]! };
    const search = { source, tail, gate, spans, ends: endsHere, maxFutureMs: config.clean.maxFutureMs, signal };
    found.set(partition, await beginningOf(search));
  }
  refuseCut(range, [...found.values()], logger);
  if ([...found.values()].every(({ isEmpty }) => isEmpty.impressions))
    throw refused(range, 'the input topics hold no impression of that time or of its warm-up');
  const beginnings = new Map(
    [...found].map(([partition, { offsets }]): [number, InputOffsets] => [partition, offsets]),
  );
  return { gate, spans, ends, beginnings, isGapless: config.transport.kind === 'embedded', clock };
}

/** A range that retention has cut is none; a warm-up that it has cut is shorter, which is said. */
function refuseCut(range: ReplayRange, found: readonly Beginning[], logger: Pick<Logger, 'warn'>): void {
  for (const input of INPUTS) {
    const cutAtMs = latestCut(found, input);
    if (cutAtMs === undefined) continue;
    if (cutAtMs > range.fromMs)
      throw refused(range, `retention has removed ${input} of before ${isoOf(cutAtMs)}: begin there or later`);
    if (cutAtMs > range.fromMs - range.warmUpMs)
      logger.warn('the warm-up is shorter than it was asked for: retention has removed what was before it', {
        topic: input,
        beginsAt: isoOf(cutAtMs),
      });
  }
}

function latestCut(found: readonly Beginning[], input: InputName): number | undefined {
  const cuts = found.flatMap(({ cutAtMs }) => cutAtMs[input] ?? []);
  return cuts.length === 0 ? undefined : Math.max(...cuts);
}

/** Its record: the one that stands there where it is the same replay, stopped before its end; else a new one. */
async function begun(
  { name, range, sets, takesChampion, clock, logger }: ReplayWishes,
  { config, where }: Shadow,
  source: Transport,
  own: Transport,
): Promise<ReplayRecord> {
  const { application, wire } = config;
  const asked = { name, application, range, sets, wire: JSON.parse(JSON.stringify(wire)) as Config['wire'] };
  const present = await readReplayRecord(own, application);
  if (present) {
    const { champion: _champion, startedAtMs: _startedAtMs, finished, ...then } = present;
    if (finished) throw exists(name, where, `it ended at ${isoOf(finished.atMs)}`);
    if (!isDeepStrictEqual(then, asked))
      throw exists(name, where, 'it was stopped, and asked for with another range or other settings');
    return present;
  }
  const { featureSetId } = await describeFeatures(config);
  const keyring = openKeyring(config);
  const champion = takesChampion
    ? await takeChampionOf(range.fromMs - range.warmUpMs, { source, own, featureSetId, keyring, clock, logger })
    : null;
  const record = { ...asked, champion, startedAtMs: clock.nowMs(), finished: null };
  await keepReplayRecord(own, record);
  return record;
}

function exists(name: string, where: string, why: string): SluiceError {
  return new SluiceError('replay-exists', { name, where, why });
}

function refused({ fromMs, toMs }: ReplayRange, why: string): SluiceError {
  return new SluiceError('replay-range', { from: isoOf(fromMs), to: isoOf(toMs), why });
}

const isoOf = (ms: number): string => new Date(ms).toISOString();
