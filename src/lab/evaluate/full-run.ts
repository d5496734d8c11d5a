import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findEventFile } from '../../adapters/event-files/index.js';
import { noMetrics } from '../../adapters/memory/metrics.js';
import { createHash32 } from '../../adapters/xxhash/index.js';
import { configSchema, type Config } from '../../config/schema.js';
import { createHealthBoard } from '../../observe/health-board.js';
import { createKeyOf } from '../../pipeline/state/keys.js';
import type { Clock } from '../../ports/clock.js';
import type { Logger } from '../../ports/logger.js';
import { INPUTS, type NewRecord, type Transport } from '../../ports/transport.js';
import { readTopic } from '../../app/read-topic.js';
import { runSluice } from '../../app/run.js';
import { openCodecs, openTransport } from '../../app/wire.js';
import { SampleGatherer, type Samples } from './samples.js';

/** Where the stream comes from and where its joined form is kept. */
export interface FullRun {
  readonly config: Config;
  /** Folder of event files; undefined: the input topics of the config's transport, as they are now. */
  readonly eventsDir: string | undefined;
  readonly workDir: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  readonly onProgress: (sampleCount: number) => void;
}

/** A whole stream and what it was made from. */
export interface FullStream {
  readonly samples: Samples;
  /** Names input and config: cells of another one are not mixed in. */
  readonly fingerprint: string;
}

/**
 * Joins and describes a stream once, everything kept and nothing learned, into a store in the work folder, and reads it
 * back. A work folder that holds the same stream already is read and not made again.
 * @throws event-file-invalid, file-unreadable, and what a run throws
 */
export async function fullStream(run: FullRun): Promise<FullStream> {
  const config = fullConfig(run);
  const fingerprint = JSON.stringify([
    await sourceOf(run),
    config.join,
    config.label,
    config.clean,
    config.features,
    config.encoder,
  ]);
  const marker = join(run.workDir, 'evaluation-stream.json');
  const made = await readFile(marker, 'utf8').catch(() => '');
  if (made !== fingerprint) {
    await rm(config.transport.path, { recursive: true, force: true });
    await mkdir(run.workDir, { recursive: true });
    await make(run, config);
    run.signal.throwIfAborted();
    await writeFile(marker, fingerprint);
  }
  return { samples: await readSamples(run, config), fingerprint };
}

async function make(run: FullRun, config: Config): Promise<void> {
  if (run.eventsDir === undefined) await copyInputs(run, config);
  await runSluice(config, {
    ...(run.eventsDir === undefined ? {} : { eventsDir: run.eventsDir }),
    untilEnd: true,
    signal: run.signal,
    onProgress: run.onProgress,
    logger: run.logger,
    metrics: noMetrics,
    health: createHealthBoard(run.clock, () => undefined),
    clock: run.clock,
  });
}

/** The same pipeline with everything kept, on a store of its own. */
function fullConfig({ config, eventsDir, workDir }: FullRun): Config {
  const { retrain, transport, selection, privacy, state } = config;
  const isFromFiles = eventsDir !== undefined;
  return {
    ...config,
    application: 'evaluate',
    topics: { ...configSchema.parse({}).topics, partitions: isFromFiles ? 1 : config.topics.partitions },
    transport: { ...transport, kind: 'embedded', path: join(workDir, 'evaluation-store') },
    wire: { ...config.wire, ...(isFromFiles ? { inputFormat: 'json', mapping: undefined } : {}), outputFormat: 'json' },
    privacy: { ...privacy, keyFile: join(workDir, 'pseudonym.key') },
    selection: {
      ...selection,
      scorer: 'uniform',
      budget: 1,
      budgets: {},
      perSecond: 0,
      throttle: 1,
      keep: [],
      auditFraction: 0,
      value: { outcomes: {}, categories: {}, surfaces: {} },
    },
    retrain: { ...retrain, pace: 'live', proof: { ...retrain.proof, enabled: false } },
    state: { ...state, checkpointEveryMs: 3_600_000 },
  };
}

/** Files by size and time of change; topics by their end. */
async function sourceOf(run: FullRun): Promise<unknown> {
  if (run.eventsDir === undefined)
    return withInputs(run, async (transport) => [
      run.config.topics,
      await Promise.all(INPUTS.map((input) => transport.endOffsets(input))),
    ]);
  return Promise.all(
    INPUTS.map(async (input) => {
      const file = findEventFile(run.eventsDir!, input);
      const { size, mtimeMs } = await stat(file);
      return [file, size, mtimeMs];
    }),
  );
}

/** Copies the input topics, partition by partition, so that nothing is joined or committed where they come from. */
async function copyInputs(run: FullRun, config: Config): Promise<void> {
  await withInputs(run, async (from) => {
    const partitions = await from.partitionCount('impressions');
    const to = openTransport({ ...config, topics: { ...config.topics, partitions } }, run);
    try {
      await to.prepare();
      for (const topic of INPUTS) {
        let batch: NewRecord[] = [];
        for await (const { key, value, partition } of readTopic(from, topic)) {
          batch.push({ topic, key, value, partition });
          if (batch.length < RECORDS_AN_APPEND) continue;
          await to.append(batch);
          batch = [];
        }
        if (batch.length > 0) await to.append(batch);
      }
    } finally {
      await to.close();
    }
  });
}

const RECORDS_AN_APPEND = 1_000;

async function withInputs<T>(run: FullRun, action: (transport: Transport) => Promise<T>): Promise<T> {
  const transport = openTransport(run.config, run);
  try {
    await transport.prepare();
    return await action(transport);
  } finally {
    await transport.close();
  }
}

async function readSamples(run: FullRun, config: Config): Promise<Samples> {
  const gatherer = new SampleGatherer(createKeyOf(await createHash32()));
  const transport = openTransport(config, run);
  try {
    await transport.prepare();
    const { training } = openCodecs(config, run);
    for await (const { value } of readTopic(transport, 'training')) {
      run.signal.throwIfAborted();
      if (value === null) continue;
      gatherer.add(training.decode(value));
      run.onProgress(gatherer.count);
    }
    return gatherer.finish();
  } finally {
    await transport.close();
  }
}
