import { it } from 'vitest';
import type { Law } from '../../src/lab/laws/law.js';

/** A case for each law. */
export function keepsAll(laws: readonly Law[]): void {
  for (const { name, check } of laws) it(name, check);
}
