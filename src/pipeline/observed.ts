import { SluiceError } from '../errors.js';
import type { Runner } from './stage.js';
import type { StageWatch } from './stage-watch.js';

/** Runs a stage in life: counted, and watched where somebody watches. The one place that does either. */
export function observed(watch: StageWatch | undefined): Runner {
  if (!watch) return counted;
  return async (stage, partition, input) => {
    const startedMs = watch.nowMs();
    try {
      const output = await counted(stage, partition, input);
      watch.passed(stage.name, stage.flow(input, output), watch.nowMs() - startedMs);
      watch.gave?.(stage.name, output);
      return output;
    } catch (thrown) {
      watch.failed(stage.name, thrown instanceof SluiceError ? thrown.code : 'bug', watch.nowMs() - startedMs);
      throw thrown;
    }
  };
}

const counted: Runner = async (stage, partition, input) => {
  const output = await stage.run(partition, input);
  stage.count?.(partition.counts, output);
  return output;
};
