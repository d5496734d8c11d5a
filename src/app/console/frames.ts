import { hostname } from 'node:os';
import type { Series } from '../../adapters/prometheus/index.js';
import type { FlowView, Frame, HistoryPoint, RunView, SelectionView } from '../../console/api.js';
import type { Config } from '../../config/schema.js';
import type { HealthBoard } from '../../observe/health-board.js';
import type { Counts } from '../../pipeline/progress/counts.js';
import type { Clock } from '../../ports/clock.js';
import type { LiveSettings } from '../reload.js';
import { flowView } from './flow-view.js';
import type { LiveRun } from './live-run.js';
import { modelsSignature } from './models-view.js';
import { type Change, rateOf, Reading, SHOWN_METRICS } from './reading.js';
import { selectionView } from './selection-view.js';

/** A frame that is no older answers whoever asks. */
const FRESH_MS = 900;
/** Rates are means over so long: a unit of work may take seconds, and one second alone would show all or nothing. */
const RATE_MS = 10_000;
/** Ten minutes of seconds. */
const MOST_POINTS = 600;

/** What frames are made from. */
export interface Seen {
  readonly config: Config;
  readonly settings: LiveSettings;
  /** True where whoever has the token may change something. */
  readonly isControlled: boolean;
  readonly live: LiveRun;
  readonly metrics: { read(names: readonly string[]): Promise<readonly Series[]> };
  readonly health: HealthBoard;
  readonly clock: Clock;
}

/**
 * Looks at the run: a frame for everybody who asks within a second, so that any number of pages costs one look a second.
 * Nobody asks, nothing is computed.
 */
export class Frames {
  private readonly instance = `${hostname()}:${process.pid}`;
  private readonly startedAtMs: number;
  /** Of the last seconds, oldest first; never empty. */
  private looks: readonly Look[];
  private newest: Promise<Frame> | undefined;
  private newestMs = -Infinity;
  private points: readonly HistoryPoint[] = [];

  constructor(private readonly seen: Seen) {
    const { clock, live } = seen;
    this.startedAtMs = clock.nowMs();
    this.looks = [{ reading: new Reading([], clock.monotonicMs()), counts: live.counts() }];
  }

  /** The newest frame, or a new one when that is older than a second. */
  current(): Promise<Frame> {
    const nowMs = this.seen.clock.monotonicMs();
    if (this.newest === undefined || nowMs - this.newestMs >= FRESH_MS) {
      this.newestMs = nowMs;
      this.newest = this.look();
    }
    return this.newest;
  }

  /** Points of the frames of the last minutes, oldest first; gaps where nobody looked. */
  get history(): readonly HistoryPoint[] {
    return this.points;
  }

  private async look(): Promise<Frame> {
    const { settings, live, metrics, clock } = this.seen;
    const [atMs, monotonicMs] = [clock.nowMs(), clock.monotonicMs()];
    const now = new Reading(await metrics.read(SHOWN_METRICS), monotonicMs);
    const recent = this.looks.filter(({ reading }) => reading.atMs > monotonicMs - RATE_MS);
    const [before] = recent.length > 0 ? recent : this.looks.slice(-1);
    const change = { now, before: before!.reading, seconds: (monotonicMs - before!.reading.atMs) / 1000 };
    const counts = live.counts();
    const flow = flowView(live, change, this.instance, atMs);
    const selection = selectionView(live, settings.config, monotonicMs);
    const point = pointOf(atMs, flow, selection, change, keptShareOf(before!.counts, counts));
    this.points = [...this.points, point].slice(-MOST_POINTS);
    this.looks = [...recent, { reading: now, counts }];
    const intervalMs = Math.round(change.seconds * 1000);
    return { atMs, intervalMs, run: this.run(), flow, selection, point, news: this.news() };
  }

  private run(): RunView {
    const { config, live, health, isControlled } = this.seen;
    const { state, sinceMs } = health.current;
    const [ready, alive] = [health.readiness(), health.liveness()];
    const manifest = live.open?.follower.manifest();
    return {
      application: config.application,
      instance: this.instance,
      transport: config.transport.kind,
      isControlled,
      startedAtMs: this.startedAtMs,
      state,
      sinceMs,
      isReady: ready.ok,
      isAlive: alive.ok,
      reasons: [...new Set([...alive.reasons, ...ready.reasons])],
      champion: manifest
        ? { version: manifest.version, learner: manifest.learner, createdAtMs: manifest.createdAtMs }
        : null,
    };
  }

  private news(): Frame['news'] {
    const { open } = this.seen.live;
    return {
      proof: open?.retrainer.proofs().at(-1)?.atMs ?? 0,
      models: open ? modelsSignature(open.follower) : '',
    };
  }
}

/** What the rates of a later look go by. */
interface Look {
  readonly reading: Reading;
  readonly counts: Counts;
}

function pointOf(
  atMs: number,
  { impressionsPerSecond, partitions }: FlowView,
  { thresholds, total }: SelectionView,
  change: Change,
  keptShare: number | null,
): HistoryPoint {
  const behind = partitions.flatMap(({ behindSeconds }) => behindSeconds ?? []);
  const fates = ['kept', 'audit', 'dropped'].map((fate) => rateOf(change, 'sluice_samples_total', { fate }));
  return {
    atMs,
    impressionsPerSecond,
    samplesPerSecond: fates.reduce((sum, rate) => sum + rate, 0),
    keptPerSecond: fates[0]!,
    keptShare,
    weightRatio: total.weightRatio,
    weightError: total.weightError,
    threshold: thresholds.length === 0 ? null : mean(thresholds.map(({ threshold }) => threshold)),
    behindSeconds: behind.length === 0 ? null : Math.max(...behind),
  };
}

/** Of what was decided on in between; null where nothing was, or where a partition that came or left moved the sums. */
function keptShareOf(before: Counts, now: Counts): number | null {
  const decided = now.samplesSeen - now.samplesAudit - (before.samplesSeen - before.samplesAudit);
  const kept = now.samplesKept - before.samplesKept;
  return decided > 0 && kept >= 0 && kept <= decided ? kept / decided : null;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
