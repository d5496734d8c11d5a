import type { ExplainedSample, ExplainView, SampleMatch, SamplesView } from '../../console/api.js';
import { SluiceError } from '../../errors.js';
import type { TrainingSample } from '../../events/words.js';
import { publicIdsOf } from '../../pipeline/privacy/public-ids.js';
import { explainSample, type SampleExplanation } from '../explain/explain.js';
import { readTopic } from '../read-topic.js';
import type { Opened } from '../run-watcher.js';

/** Samples that are shown as they come, and polls for them of half a second. */
const MOST_ARRIVING = 8;
const MOST_POLLS = 6;
const POLL_MS = 500;
/** Samples of one request that are shown. */
const MOST_MATCHES = 100;

/**
 * Finds the samples that an id names (their own, that of their impression, or that of their request) and explains the first,
 * as `sluice explain` does.
 * @throws SluiceError `sample-unknown`
 */
export async function explainView(opened: Opened, id: string, signal: AbortSignal): Promise<ExplainView> {
  signal.throwIfAborted();
  const { config, transport, parts } = opened;
  const matches = await matchesOf(opened, publicIdsOf(id, parts.keyed), signal);
  const first = matches[0];
  if (!first) throw new SluiceError('sample-unknown', { sampleId: id });
  const found = await explainSample({ config, transport, codecs: parts.codecs, keyed: parts.keyed }, first.sampleId);
  return { id, matches, sample: explained(found) };
}

/** The kept samples that are committed while one waits, some of them: ids to explain. */
export async function arrivingSamples({ transport, parts }: Opened, signal: AbortSignal): Promise<SamplesView> {
  const reader = await transport.reader(['training'], 'latest');
  try {
    const samples: SampleMatch[] = [];
    for (let poll = 0; poll < MOST_POLLS && samples.length < MOST_ARRIVING && !signal.aborted; poll++)
      for (const { value } of await reader.poll(POLL_MS))
        if (value !== null && samples.length < MOST_ARRIVING)
          samples.push(matchOf(parts.codecs.training.decode(value), 'training'));
    return { samples };
  } finally {
    await reader.close();
  }
}

function matchOf(sample: TrainingSample, topic: SampleMatch['topic']): SampleMatch {
  const { sampleId, itemId, position, surface, label, inclusionProbability } = sample;
  return { sampleId, topic, itemId, position, surface, label, inclusionProbability };
}

async function matchesOf(
  { transport, parts }: Opened,
  ids: readonly string[],
  signal: AbortSignal,
): Promise<SampleMatch[]> {
  const matches: SampleMatch[] = [];
  for (const topic of ['training', 'audit'] as const)
    for await (const { value } of readTopic(transport, topic)) {
      signal.throwIfAborted();
      if (value === null) continue;
      const sample = parts.codecs[topic].decode(value);
      if (ids.includes(sample.sampleId)) return [matchOf(sample, topic)];
      if (ids.includes(sample.requestId) && matches.length < MOST_MATCHES) matches.push(matchOf(sample, topic));
    }
  return matches.sort((a, b) => a.position - b.position);
}

function explained({ topic, sample, selection, model, why }: SampleExplanation): ExplainedSample {
  return {
    sampleId: sample.sampleId,
    topic,
    requestId: sample.requestId,
    surface: sample.surface,
    eventTimeMs: sample.eventTimeMs,
    itemId: sample.itemId,
    position: sample.position,
    category: sample.category,
    label: sample.label,
    outcome: sample.outcome,
    flags: sample.flags,
    prediction: sample.prediction,
    snapshotVersion: sample.snapshotVersion,
    importance: sample.importance,
    scorer: sample.scorer,
    inclusionProbability: sample.inclusionProbability,
    importanceWeight: sample.importanceWeight,
    logOddsOffset: sample.logOddsOffset,
    coin: selection.coin,
    threshold: selection.threshold,
    thresholdIs: selection.thresholdIs,
    thresholdWhy: selection.why,
    paths: model?.paths ?? null,
    pathsWhy: why ?? model?.why ?? null,
  };
}
