import type { FlowView, PartitionView, StageView, TopicRate, Waiting } from '../../console/api.js';
import { INPUTS, OUTPUTS } from '../../ports/transport.js';
import { describePipeline } from '../describe-pipeline.js';
import type { PartitionLook } from '../partition-look.js';
import type { LiveRun } from './live-run.js';
import { type Change, rateOf } from './reading.js';

const STAGES = describePipeline();

/** What flows and what waits, as of now. @param instance name of this one */
export function flowView(live: LiveRun, change: Change, instance: string, nowMs: number): FlowView {
  const held = live.partitions;
  const working = held.flatMap(([, look]) => look ?? []);
  return {
    stages: STAGES.map((stage) => stageView(stage, change, Math.max(1, held.length))),
    inputs: INPUTS.map((topic) => topicRate('input', topic, change)),
    outputs: OUTPUTS.map((topic) => topicRate('output', topic, change)),
    impressionsPerSecond: rateOf(change, 'sluice_impressions_total', { fate: 'read' }),
    interactionsPerSecond: rateOf(change, 'sluice_interactions_total', { fate: 'read' }),
    waiting: waitingOf(working, nowMs),
    partitionCount: change.now.last('sluice_input_partitions'),
    partitions: held.map(([number, look]) => partitionView(number, look, change, instance, nowMs)),
  };
}

function stageView({ name, does, takes, gives }: (typeof STAGES)[number], change: Change, among: number): StageView {
  const records = (direction: string): number =>
    rateOf(change, 'sluice_stage_records_total', { stage: name, direction });
  return {
    name,
    does,
    takes,
    gives,
    inPerSecond: records('in'),
    outPerSecond: records('out'),
    refusedPerSecond: records('refused'),
    refused: change.now.total('sluice_stage_records_total', { stage: name, direction: 'refused' }),
    errors: change.now.sum('sluice_stage_errors_total', { stage: name }),
    busyShare: Math.min(1, rateOf(change, 'sluice_stage_seconds_sum', { stage: name }) / among),
  };
}

function topicRate(side: 'input' | 'output', topic: string, change: Change): TopicRate {
  return {
    topic,
    recordsPerSecond: rateOf(change, `sluice_${side}_records_total`, { topic }),
    bytesPerSecond: rateOf(change, `sluice_${side}_bytes_total`, { topic }),
    records: change.now.total(`sluice_${side}_records_total`, { topic }),
  };
}

function waitingOf(partitions: readonly PartitionLook[], nowMs: number): FlowView['waiting'] {
  const sum = (of: (look: PartitionLook) => number): number => partitions.reduce((all, one) => all + of(one), 0);
  const oldest = (of: (look: PartitionLook) => number | undefined): number | null => {
    const times = partitions.flatMap((look) => of(look) ?? []);
    return times.length === 0 ? null : Math.max(0, nowMs - Math.min(...times)) / 1000;
  };
  return {
    order: waiting(
      sum(({ waitingCount }) => waitingCount),
      'messages',
      oldest(({ oldestWaitingMs }) => oldestWaitingMs),
      'their turn in event time',
    ),
    join: waiting(
      sum(({ openCount }) => openCount),
      'impressions',
      oldest(({ oldestOpenMs }) => oldestOpenMs),
      'their attribution window to close',
    ),
    close: waiting(
      sum(({ closedCount }) => closedCount),
      'impressions',
      oldest(({ oldestClosedMs }) => oldestClosedMs),
      'their turn to be scored',
    ),
  };
}

function waiting(count: number, unit: string, oldestSeconds: number | null, reason: string): Waiting {
  return { count, unit, oldestSeconds, for: reason };
}

function partitionView(
  number: number,
  look: PartitionLook | undefined,
  { now }: Change,
  owner: string,
  nowMs: number,
): PartitionView {
  const labels = { partition: String(number) };
  const watermarkMs = finite(look?.watermarkMs);
  const lastCommit = now.last('sluice_last_commit_seconds', labels);
  const lag = (topic: string): number | null => now.last('sluice_input_lag_records', { topic, ...labels });
  return {
    partition: number,
    state: look ? 'working' : 'restoring',
    owner,
    watermarkMs,
    behindSeconds: watermarkMs === null ? null : (nowMs - watermarkMs) / 1000,
    lagRecords: { impressions: lag('impressions'), interactions: lag('interactions') },
    lastCommitMs: lastCommit === null ? null : lastCommit * 1000,
    orderWaiting: look?.waitingCount ?? 0,
    openImpressions: look?.openCount ?? 0,
    samplesSeen: look?.counts.samplesSeen ?? 0,
  };
}

function finite(value: number | undefined): number | null {
  return value !== undefined && Number.isFinite(value) ? value : null;
}
