import { onnxModelLoader } from '../adapters/onnx/model.js';
import { createTrainer } from '../adapters/threads/trainer.js';
import type { Config } from '../config/schema.js';
import type { Retrainer } from '../learn/index.js';
import type { Clock } from '../ports/clock.js';
import type { Transport } from '../ports/transport.js';
import type { SnapshotFollower } from '../snapshot/index.js';
import { type ChampionGate, championGate } from './champion-gate.js';
import { pluginChoiceOf } from '../own/index.js';
import { EncoderChoice } from './encoder-choice.js';
import { Held } from './held.js';
import { OwnWatch } from './own-watch.js';
import { IdentifyingIds } from './identifying-ids.js';
import type { ErrorCount } from './observed/error-count.js';
import { ObservedTransport } from './observed/observed-transport.js';
import { openLearning } from './open-learning.js';
import { placementWatch, type PlacementWatch } from './placement-watch.js';
import type { RunOptions } from './run-options.js';
import { PartitionLooks } from './serving/partition-looks.js';
import { SeenSamples } from './seen-samples.js';
import { RememberingLoader } from './threads/line-champion.js';
import { openingOf, PartitionThreads, runsOwnShare, threadCountOf } from './threads/partition-threads.js';
import { openParts, openTransport, type Parts } from './wire.js';

/** Everything that a run stands on, opened. */
export interface Ground {
  readonly config: Config;
  readonly options: RunOptions;
  readonly clock: Clock;
  readonly errors: ErrorCount;
  readonly transport: Transport;
  readonly parts: Parts;
  readonly follower: SnapshotFollower;
  readonly retrainer: Retrainer;
  /** `holds` is true when the stream holds for its fits. */
  readonly gate: ChampionGate & { readonly holds: boolean };
  readonly seen: SeenSamples;
  readonly placement: PlacementWatch;
  readonly held: Held;
  readonly looks: PartitionLooks;
  /** undefined: partitions live in this thread. */
  readonly threads: PartitionThreads | undefined;
  readonly identifyingIds: IdentifyingIds;
  readonly ownParts: OwnWatch;
  /** Aborted when no unit of work is to be begun any more. */
  readonly stop: AbortController;
}

/**
 * Opens all of it, in this order: the topics are there, the event files are on them, the encoder is chosen if there is a
 * choice and a text, the follower has caught up.
 * @param opened told of each part that has to be closed, as soon as it is open
 */
export async function openRun(
  given: Config,
  options: RunOptions & Pick<Ground, 'clock' | 'errors'>,
  opened: (close: () => Promise<void>) => void,
): Promise<Ground> {
  const { logger, metrics, clock, errors } = options;
  const inner = options.transport ?? openTransport(given, { logger, clock, metrics });
  const transport = new ObservedTransport(inner, { metrics, errors, clock });
  opened(() => transport.close());
  await transport.prepare();
  const threadCount = threadCountOf(given, options, await transport.partitionCount('impressions'));
  const choice = new EncoderChoice(given, { ...options, transport }, () => parts);
  const wired = { ...options, atFirstText: (texts: readonly string[]) => choice.atFirstText(texts) };
  let parts = await openParts(runsOwnShare(given, threadCount), wired);
  opened(() => parts.close());
  const { training, audit, late } = parts.codecs;
  for (const codec of [training, audit, late]) await codec.ready?.();
  if (options.eventsDir !== undefined) await feed(options.eventsDir, given, parts, transport);
  const config = await choice.atStart();
  if (config !== given) {
    await parts.close();
    parts = await openParts(runsOwnShare(config, threadCount), wired);
  }
  // A stream that has chosen by its texts will have others: the network loads on another core meanwhile.
  if (!options.untilEnd && choice.isMade && config.encoder.enabled && config.encoder.kind === 'onnx') parts.warm();

  const trainer = createTrainer({ limits: config.retrain.limits, plugins: pluginChoiceOf(given) });
  opened(() => trainer.close());
  const remembering = new RememberingLoader(onnxModelLoader());
  const loader = threadCount > 1 ? remembering : onnxModelLoader();
  const { follower, retrainer } = await openLearning(config, parts, transport, trainer, { ...options, loader });
  opened(() => follower.close());
  opened(() => retrainer.close());
  const stop = new AbortController();
  opened(async () => stop.abort());
  const [seen, held] = [new SeenSamples(), new Held()];
  const gate = championGate(
    {
      follower,
      retrainer,
      retrain: config.retrain,
      partitionCount: await transport.partitionCount('impressions'),
      seen: () => seen.total(),
      seenOf: (partition) => seen.of(partition),
      isRetraining: () => held.answersFor(0),
      clock,
      signal: stop.signal,
    },
    options.untilEnd,
  );
  follower.start();
  await seen.refresh(transport);
  const identifyingIds = new IdentifyingIds(logger);
  const ownParts = new OwnWatch(metrics, parts);
  const placement = await placementWatch(config, transport, logger);
  const looks = new PartitionLooks(
    await transport.partitionCount('impressions'),
    (partition) => held.has(partition),
    () => placement.isPlacedOtherwise('impressions'),
    () => choice.isMade,
  );
  const ground = { config, options, clock, errors, transport, parts, follower, retrainer, looks };
  options.watcher?.opened(ground);
  const threads =
    threadCount > 1
      ? new PartitionThreads(threadCount, {
          transport,
          parts,
          options,
          opening: openingOf(config, options, threadCount),
          champion: () => follower.champion(),
          bytesOf: (version) => remembering.bytesOf(version),
        })
      : undefined;
  opened(async () => threads?.close());
  return { ...ground, gate, seen, placement, held, threads, identifyingIds, ownParts, stop };
}

async function feed(eventsDir: string, { wire }: Config, parts: Parts, transport: Transport): Promise<void> {
  const codecs = wire.inputFormat === 'json' ? undefined : parts.codecs;
  await codecs?.impressions.ready?.();
  await codecs?.interactions.ready?.();
  const { sendEvents } = await import('../adapters/event-files/index.js');
  await sendEvents(eventsDir, transport, codecs);
}
