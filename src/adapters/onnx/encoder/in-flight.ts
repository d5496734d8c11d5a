import type { Encoder } from '../../../ports/encoder.js';

/**
 * Encodes a text once when several calls want it at the same time: partitions that see the same query in the same moment
 * share one run. A call that fails fails every call that waits for one of its texts; nothing is remembered afterwards.
 */
export function encodedOnce(encoder: Encoder): Encoder {
  const inFlight = new Map<string, Promise<Float32Array>>();
  return {
    encoderId: encoder.encoderId,
    dimensions: encoder.dimensions,
    encode: async (texts) => {
      const fresh = [...new Set(texts)].filter((text) => !inFlight.has(text));
      if (fresh.length > 0) {
        const vectors = encoder.encode(fresh);
        fresh.forEach((text, index) => {
          const vector = vectors.then((all) => all[index]!);
          vector.then(
            () => inFlight.delete(text),
            () => inFlight.delete(text),
          );
          inFlight.set(text, vector);
        });
      }
      return Promise.all(texts.map((text) => inFlight.get(text)!));
    },
    close: () => encoder.close(),
  };
}
