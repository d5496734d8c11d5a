import { onnxModelLoader } from '../adapters/onnx/model.js';
import type { Config } from '../config/schema.js';
import { createRetrainer, type Retrainer, type RetrainerDeps } from '../learn/index.js';
import type { Clock } from '../ports/clock.js';
import type { ModelLoader } from '../ports/model.js';
import type { Trainer } from '../ports/trainer.js';
import type { Transport } from '../ports/transport.js';
import { createSnapshotFollower, type SnapshotFollower } from '../snapshot/index.js';
import { isOwnName } from '../events/own-name.js';
import { correctionOf } from '../learn/learners/index.js';
import { madeBy, openKeyring } from './made-by.js';
import type { RunOptions } from './run-options.js';
import type { Parts } from './wire.js';

type Surroundings = Pick<RunOptions, 'logger' | 'metrics' | 'untilEnd'> &
  Pick<RetrainerDeps, 'onNoCandidate'> & {
    readonly clock: Clock;
    /** Loads the champions. */
    readonly loader: ModelLoader;
  };

/** What follows the published snapshots, and what fits new ones. */
export interface Learning {
  readonly follower: SnapshotFollower;
  readonly retrainer: Retrainer;
}

/** Opens the slow loop; the follower has caught up with the topic, nothing has been fitted. */
export async function openLearning(
  config: Config,
  {
    featureSetId,
    columnNames,
    codecs,
    hash32,
    ownCode,
  }: Pick<Parts, 'featureSetId' | 'columnNames' | 'codecs' | 'hash32' | 'ownCode'>,
  transport: Transport,
  trainer: Trainer,
  { logger, metrics, clock, untilEnd, loader, onNoCandidate }: Surroundings,
): Promise<Learning> {
  const keyring = openKeyring(config);
  const shared = { transport, loader: onnxModelLoader(), clock, logger, metrics, featureSetId, keyring };
  const follower = createSnapshotFollower({ ...shared, loader });
  await follower.catchUp();
  const retrainer = createRetrainer({
    ...shared,
    trainingCodec: codecs.training,
    auditCodec: codecs.audit,
    trainer,
    follower,
    hash: hash32,
    retrain: isOwnName(config.retrain.learner)
      ? { ...config.retrain, correction: correctionOf(config.retrain.learner, ownCode.learners) }
      : config.retrain,
    columnNames,
    pool: config.retrain.budget > config.selection.budget ? { application: config.application } : undefined,
    lateCodec: config.retrain.lateLabels ? codecs.late : undefined,
    madeBy: madeBy(config),
    provesBetweenFits: !untilEnd,
    ...(onNoCandidate && { onNoCandidate }),
  });
  return { follower, retrainer };
}
