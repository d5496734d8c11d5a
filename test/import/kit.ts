import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';
import type { ImpressionList, Interaction } from '../../src/events/words.js';
import { importMapped, type MappedSummary } from '../../src/import/import-mapped.js';

/** What an import made. */
export interface Imported {
  readonly summary: MappedSummary;
  readonly lists: readonly ImpressionList[];
  readonly interactions: readonly Interaction[];
}

/** A folder for each test, and imports into it. */
export function importKit() {
  let folder = '';
  beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'sluice-import-'))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const put = (name: string, content: string | Uint8Array): string => {
    writeFileSync(join(folder, name), content);
    return join(folder, name);
  };
  const read = (name: string): unknown[] => {
    const path = join(folder, 'out', `${name}.ndjson`);
    if (!existsSync(path)) return [];
    const lines = readFileSync(path, 'utf8').split('\n');
    return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as unknown);
  };
  return {
    put,
    path: (name: string) => join(folder, name),
    async imported(logs: string | readonly string[], mapping: string): Promise<Imported> {
      const summary = await importMapped(logs, put('mapping.yaml', mapping), join(folder, 'out'));
      return {
        summary,
        lists: read('impressions') as ImpressionList[],
        interactions: read('interactions') as Interaction[],
      };
    },
  };
}

/** Labels as a learner would see them: `request item` of every impression, with a star where it was clicked. */
export function labels({ lists, interactions }: Imported, type = 'CLICK'): string[] {
  const clicked = new Set(
    interactions.filter((one) => one.type === type).map(({ requestId, itemId }) => `${requestId} ${itemId}`),
  );
  return lists
    .flatMap(({ requestId, items }) => items.map(({ itemId }) => `${requestId} ${itemId}`))
    .map((shown) => (clicked.has(shown) ? `${shown} *` : shown))
    .sort();
}
