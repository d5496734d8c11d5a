/** Entry of a partition thread: runs the chains of the partitions that the run hands to it, over the line to the run. */
import type { Subscription } from 'rxjs';
import { createVectorCache } from '../../adapters/lru/index.js';
import { onnxModelLoader } from '../../adapters/onnx/model.js';
import { systemClock } from '../../adapters/system/index.js';
import { lineToOwner } from '../../adapters/threads/index.js';
import type { LiveConfig } from '../../config/live.js';
import type { Champion } from '../../pipeline/partition.js';
import { OwnWatch } from '../own-watch.js';
import { type ChainSurroundings, chainOf } from '../partition-chain.js';
import type { Shown } from '../observed/stage-metrics.js';
import { stillOf } from '../partition-look.js';
import type { Traces } from '../../ports/traces.js';
import type { Describe } from '../serving/describer.js';
import type { Decided } from '../console/selection-tally.js';
import { tappedRecords } from '../tap/tapped-records.js';
import { openParts } from '../wire.js';
import type { OfLife, Opening, RunDoors, ThreadDoors } from './doors.js';
import { ForwardedMetrics, forwardedLogger } from './forwarded.js';
import { LineChampion } from './line-champion.js';
import { LineLease, lineTransport } from './line-lease.js';
import { LineVectors } from './line-vectors.js';

/** What all partitions of this thread share. */
type Shared = Omit<ChainSurroundings, 'champion' | 'shown'> & { readonly isWatched: boolean };

interface Life {
  readonly stop: AbortController;
  readonly lost: AbortController;
  chain: Subscription | undefined;
  /** undefined until it is restored. */
  describe: Describe | undefined;
  readonly end: () => void;
}

const lives = new Map<number, Life>();
const metrics = new ForwardedMetrics();
let shared: Shared | undefined;
/** Stages whose records somebody wants to see. */
let tapped: ReadonlySet<string> = new Set();
const traces: Traces = { unit: (unit) => line.tell('traced', unit) };
/** What may change while it runs; undefined: nothing does. */
let settings: { config: LiveConfig } | undefined;

const line = lineToOwner<RunDoors>(
  () =>
    ({
      open: async (opening) => {
        shared = await sharedOf(opening);
      },
      live: ({ life, partition }) => live(shared!, life, partition),
      stop: ({ life }) => lives.get(life)?.stop.abort(),
      lose: ({ life }) => lives.get(life)?.lost.abort(),
      drop: ({ life }) => lives.get(life)?.end(),
      describe: ({ life, list }) => {
        const describe = lives.get(life)?.describe;
        if (!describe) throw new DOMException('this life of the partition has ended', 'AbortError');
        return describe(list);
      },
      champion: (sent) => champion.take(sent),
      tap: (stages) => {
        tapped = new Set(stages);
      },
      settings: (live) => {
        if (settings) settings.config = live;
      },
    }) satisfies ThreadDoors,
);
const champion = new LineChampion(onnxModelLoader(), (version, why) => line.tell('championFailed', { version, why }));

async function sharedOf({ config, untilEnd, isWatched, isTraced, cacheEntries, live }: Opening): Promise<Shared> {
  const clock = systemClock;
  settings = live && { config: live };
  const logger = forwardedLogger((said) => line.tell('said', said));
  const cache = createVectorCache(cacheEntries);
  const vectors = () => new LineVectors((texts) => line.ask('vectors', texts), cache, metrics);
  const parts = await openParts(config, { logger, clock, metrics, ...(config.encoder.enabled ? { vectors } : {}) });
  const { training, audit, late } = parts.codecs;
  for (const codec of [training, audit, late]) await codec.ready?.();
  return {
    config,
    clock,
    parts,
    isWatched,
    transport: lineTransport(line),
    ownParts: new OwnWatch(metrics, parts),
    options: { metrics, logger, untilEnd, ...(settings ? { live: settings } : {}), ...(isTraced ? { traces } : {}) },
  };
}

/** Resolves when the chain has ended, or nobody waits for it any more; rejects with what it failed with. */
async function live({ isWatched, ...around }: Shared, life: number, partition: number): Promise<void> {
  const [stop, lost] = [new AbortController(), new AbortController()];
  const lease = new LineLease(line, life, partition, lost.signal);
  const shown: Shown = {
    selected: (decided) => line.tell('decided', { life, ...decisionsOf(decided) }),
    gave(stage, output) {
      if (tapped.has(stage)) line.tell('tapped', { life, stage, records: [...tappedRecords(stage, output)] });
    },
  };
  const surroundings = { ...around, champion: championOf({ life }), ...(isWatched ? { shown } : {}) };
  const signal = AbortSignal.any([stop.signal, lost.signal]);
  try {
    await new Promise<void>((resolve, reject) => {
      const here: Life = {
        stop,
        lost,
        chain: undefined,
        describe: undefined,
        end: () => {
          here.chain?.unsubscribe();
          resolve();
        },
      };
      lives.set(life, here);
      here.chain = chainOf(lease, surroundings, signal).subscribe({
        next: (sign) => {
          if (sign.kind === 'restored') here.describe = sign.describe;
          const look = 'look' in sign ? stillOf(sign.look) : undefined;
          line.tell('sign', { life, kind: sign.kind, look, recordings: metrics.take() });
        },
        error: reject,
        complete: resolve,
      });
    });
  } finally {
    lives.delete(life);
    line.tell('recorded', metrics.take());
  }
}

/** Which model scores and how much it may, as the run says. */
function championOf({ life }: OfLife): Champion {
  return {
    current: () => champion.model(),
    async allowance(seen) {
      const allowance = await line.ask('allowance', { life, seen });
      // The run has sent the champion of now before it answered.
      await champion.settled();
      return allowance;
    },
  };
}

function decisionsOf({ scored: { closed }, selected }: Decided) {
  const { rowCount, labels, surfaces } = closed;
  return {
    labels: labels.slice(0, rowCount),
    surfaces: surfaces.slice(0, rowCount),
    fates: selected.fates.slice(0, rowCount),
    inclusionProbabilities: selected.inclusionProbabilities.slice(0, rowCount),
  };
}
