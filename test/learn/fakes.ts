import { ManualClock, MemoryTransport, RecordingLogger, RecordingMetrics } from '../../src/adapters/memory/index.js';
import { jsonSamples } from '../../src/adapters/avro/json-codecs.js';
import { createHash32 } from '../../src/adapters/xxhash/index.js';
import { configSchema, type ConfigInput } from '../../src/config/schema.js';
import type { TrainingSample } from '../../src/events/words.js';
import { createRetrainer } from '../../src/learn/learn.js';
import type { Retrainer, RetrainerDeps } from '../../src/learn/types.js';
import type { Model, ModelLoader } from '../../src/ports/model.js';
import type { FitRequest, FittedModel, Trainer } from '../../src/ports/trainer.js';
import type { TopicRole } from '../../src/ports/transport.js';
import { createSnapshotFollower, type SnapshotFollower } from '../../src/snapshot/follow.js';
import { FEATURE_SET } from './samples.js';

const sigmoid = (z: number) => 1 / (1 + Math.exp(-z));

/** What {@link plainTrainer} leaves as its file, and {@link plainLoader} reads. */
interface PlainModel {
  readonly intercept: number;
  readonly slope: number;
}

/** Logistic regression on the first column by Newton steps; it honours weights and offsets. Keeps its requests. */
function plainTrainer() {
  const seen: FitRequest[] = [];
  /** Failure switches: what the next fits do instead. */
  const switches = { fail: undefined as Error | undefined, spoil: undefined as PlainModel | undefined, hang: false };
  const trainer: Trainer = {
    async fit(request, signal): Promise<FittedModel> {
      seen.push(request);
      signal?.throwIfAborted();
      if (switches.hang)
        await new Promise((_, reject) =>
          signal?.addEventListener('abort', () => reject(signal.reason as Error), { once: true }),
        );
      if (switches.fail) throw switches.fail;
      const model = switches.spoil ?? newton(request);
      return {
        onnx: new TextEncoder().encode(JSON.stringify(model)),
        memberCount: 1,
        gain: new Float64Array([1]),
        fitMs: 5,
      };
    },
    async close() {},
  };
  return { trainer, seen, switches };
}

function newton({ training: { rows, columnCount, rowCount, labels, weights, offsets } }: FitRequest): PlainModel {
  let intercept = 0;
  let slope = 0;
  for (let step = 0; step < 25; step++) {
    let [g0, g1, h00, h01, h11] = [0, 0, 1e-9, 0, 1e-9];
    for (let i = 0; i < rowCount; i++) {
      const x = rows[i * columnCount]!;
      const p = sigmoid(intercept + slope * x + offsets[i]!);
      const gap = weights[i]! * (labels[i]! - p);
      const spread = weights[i]! * p * (1 - p);
      g0 += gap;
      g1 += gap * x;
      h00 += spread;
      h01 += spread * x;
      h11 += spread * x * x;
    }
    const determinant = h00 * h11 - h01 * h01;
    intercept += (h11 * g0 - h01 * g1) / determinant;
    slope += (h00 * g1 - h01 * g0) / determinant;
  }
  return { intercept, slope };
}

/** Loads what {@link plainTrainer} leaves. */
const plainLoader: ModelLoader = {
  async load(onnx, snapshotVersion, featureSetId): Promise<Model> {
    // JSON writes NaN as null.
    const { intercept, slope } = JSON.parse(
      new TextDecoder().decode(onnx),
      (_, value: unknown) => value ?? NaN,
    ) as PlainModel;
    return {
      snapshotVersion,
      featureSetId,
      memberCount: 1,
      async predict(rows, rowCount) {
        const columnCount = rows.length / rowCount;
        const probability = Float32Array.from({ length: rowCount }, (_, i) =>
          sigmoid(intercept + slope * rows[i * columnCount]!),
        );
        return { probability, members: probability };
      },
      async close() {},
    };
  },
};

/** Everything around a learner, on a log in memory. */
export interface Bench {
  readonly transport: MemoryTransport;
  readonly clock: ManualClock;
  readonly logger: RecordingLogger;
  readonly metrics: RecordingMetrics;
  readonly plain: ReturnType<typeof plainTrainer>;
  readonly codec: RetrainerDeps['trainingCodec'];
  /** A learner with a follower of its own, as a new process has them. */
  start(over?: Partial<RetrainerDeps>): { readonly learner: Retrainer; readonly follower: SnapshotFollower };
  append(topic: TopicRole, samples: readonly TrainingSample[], partitionOf?: (i: number) => number): Promise<void>;
  close(): Promise<void>;
}

export async function bench(given: ConfigInput = {}, columnNames: readonly string[] = ['x']): Promise<Bench> {
  const config = configSchema.parse(given);
  const clock = new ManualClock({ skipSleeps: true });
  const logger = new RecordingLogger();
  const metrics = new RecordingMetrics();
  const plain = plainTrainer();
  const hash = await createHash32();
  const transport = new MemoryTransport({ application: 'test', topics: config.topics, clock });
  await transport.prepare();
  const codec = jsonSamples();
  const started: { learner: Retrainer; follower: SnapshotFollower }[] = [];
  return {
    transport,
    clock,
    logger,
    metrics,
    plain,
    codec,
    start(over = {}) {
      const loader = over.loader ?? plainLoader;
      const follower = createSnapshotFollower({ transport, loader, clock, logger, metrics, featureSetId: FEATURE_SET });
      const learner = createRetrainer({
        ...{ transport, trainingCodec: codec, trainer: plain.trainer, loader, follower, clock, hash, metrics, logger },
        ...{ retrain: config.retrain, featureSetId: FEATURE_SET, columnNames, provesBetweenFits: false },
        ...over,
      });
      started.push({ learner, follower });
      return { learner, follower };
    },
    async append(topic, samples, partitionOf = () => 0) {
      await transport.append(
        samples.map((sample, i) => ({ topic, key: null, value: codec.encode(sample), partition: partitionOf(i) })),
      );
    },
    async close() {
      for (const { learner, follower } of started) {
        await learner.close();
        await follower.close();
      }
      await transport.close();
    },
  };
}
