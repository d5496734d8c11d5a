import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readYamlSource } from '../../adapters/yaml/index.js';
import { type Case, type Cases, casesSchema } from '../../config/cases-schema.js';
import { requireConfig } from '../../config/load.js';
import { SluiceError } from '../../errors.js';
import type { RecordTopic } from '../dump/records.js';
import { IN_MEMORY, runInMemory } from '../run-in-memory.js';
import { differencesIn } from './match.js';

/** What a case came to. */
export interface CheckedCase {
  readonly name: string;
  /** Nothing: it holds. */
  readonly differences: readonly string[];
}

/** Where cases and config come from. */
export interface CasesSource {
  /** YAML file of cases. */
  readonly cases: string;
  /** YAML file of the config; absent: the defaults. */
  readonly config?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** `path=value` for every case. */
  readonly sets?: readonly string[];
}

/** Each output, and what names a record of it. */
const OUTPUTS = {
  samples: { topic: 'training', shown: ['sampleId', 'itemId', 'label'] },
  late: { topic: 'late', shown: ['interactionId', 'sampleId'] },
  deadLetters: { topic: 'dead-letters', shown: ['code', 'stage', 'reason'] },
} as const satisfies Readonly<Record<keyof Case['expect'], { topic: RecordTopic; shown: readonly string[] }>>;

/** Reads a file of cases. @throws cases-invalid with every problem; file-unreadable */
function loadCases(path: string): Cases {
  const source = readYamlSource(path);
  const syntax = source.problems.map(({ line, message }) => `line ${line}: ${message}`);
  if (syntax.length > 0) throw new SluiceError('cases-invalid', { path, problems: syntax.join('; ') });
  const parsed = casesSchema.safeParse(source.value ?? {});
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(
    ({ path: at, message }) => `line ${source.lineOf(at)}: ${at.join('.')}: ${message}`,
  );
  throw new SluiceError('cases-invalid', { path, problems: problems.join('; ') });
}

/**
 * Runs every case of a file through the whole processor, one after the other, without a broker and without touching a store.
 * @throws cases-invalid, config-invalid, file-unreadable
 */
export async function* checkCases(source: CasesSource): AsyncGenerator<CheckedCase> {
  const { cases } = loadCases(source.cases);
  const folder = mkdtempSync(join(tmpdir(), 'sluice-cases-'));
  const keyFile = join(folder, 'key');
  writeFileSync(keyFile, 'the pseudonym key of cases, always the same\n', { mode: 0o600 });
  try {
    for (const one of cases) yield { name: one.name, differences: await differencesOf(one, source, keyFile) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function differencesOf(one: Case, { config: file, env = {}, sets = [] }: CasesSource, keyFile: string) {
  const own = [...sets, ...IN_MEMORY, `privacy.keyFile=${keyFile}`, ...one.set];
  // What the variables of the environment say of keys and brokers is not for cases.
  const config = requireConfig({ ...(file === undefined ? {} : { file }), env, sets: own }, () => undefined);
  const after = await runInMemory({ ...config, selection: { ...config.selection, budgets: {}, keep: [] } }, one);
  const differences: string[] = [];
  for (const [name, { topic, shown }] of Object.entries(OUTPUTS)) {
    const expected = one.expect[name as keyof typeof OUTPUTS];
    if (expected === undefined) continue;
    differences.push(...differencesIn(name, expected, await after.rowsOf(topic), shown));
  }
  return differences;
}
