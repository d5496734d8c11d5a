import { messageOf } from '../../errors.js';
import type { Logger } from '../../ports/logger.js';
import type { Metrics } from '../../ports/metrics.js';
import type { VectorStore } from '../../ports/vector-store.js';

/**
 * Makes a store do without its disk: at its first failure (disk full, say) one warning is logged, one failure is counted,
 * and from then on it holds nothing and takes nothing, until the process starts again.
 * Guarantees: `get` never throws, `put` and `close` never reject, so that no batch fails for want of a cache.
 * @param store shared by all partitions, so that the warning comes once a process
 */
export function dispensableStore(store: VectorStore, logger: Logger, metrics: Metrics): VectorStore {
  let isGivenUp = false;
  const giveUp = (thrown: unknown) => {
    if (isGivenUp) return;
    isGivenUp = true;
    metrics.count('sluice_vector_store_failures_total', 1);
    logger.warn('the vector cache on disk failed: texts are embedded again after a restart', {
      why: messageOf(thrown),
    });
  };
  return {
    get(key) {
      if (isGivenUp) return undefined;
      try {
        return store.get(key);
      } catch (thrown) {
        giveUp(thrown);
        return undefined;
      }
    },
    async put(entries) {
      if (isGivenUp) return;
      try {
        await store.put(entries);
      } catch (thrown) {
        giveUp(thrown);
      }
    },
    async close() {
      try {
        await store.close();
      } catch (thrown) {
        giveUp(thrown);
      }
    },
  };
}
