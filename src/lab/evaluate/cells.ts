import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Judgement } from './consumer.js';

/** One policy at one budget with one salt, by every consumer and correction. */
export interface Cell {
  readonly policy: string;
  readonly budget: number;
  readonly salt: string;
  readonly keptFraction: number;
  readonly judgements: readonly Judgement[];
}

/** Finished cells on disk, so that an evaluation that was stopped goes on where it was. */
export interface CellStore {
  get(policy: string, budget: number, salt: string): Promise<Cell | undefined>;
  put(cell: Cell): Promise<void>;
}

/** @param settings everything that a cell depends on besides its own name; cells of other settings are not found */
export function openCells(workDir: string, settings: unknown): CellStore {
  const folder = join(
    workDir,
    'cells',
    createHash('sha256').update(JSON.stringify(settings)).digest('hex').slice(0, 12),
  );
  const pathOf = (policy: string, budget: number, salt: string): string =>
    join(folder, `${policy}-${budget}-${salt}.json`);
  return {
    async get(policy, budget, salt) {
      const text = await readFile(pathOf(policy, budget, salt), 'utf8').catch(() => undefined);
      return text === undefined ? undefined : (JSON.parse(text) as Cell);
    },
    async put(cell) {
      await mkdir(folder, { recursive: true });
      const path = pathOf(cell.policy, cell.budget, cell.salt);
      await writeFile(`${path}.part`, JSON.stringify(cell));
      await rename(`${path}.part`, path);
    },
  };
}
