import { type Config, configSchema } from '../config/schema.js';
import { SluiceError } from '../errors.js';
import { leavesOf } from '../pipeline/settings/admission.js';
import { namedSelection, type SelectionSettings } from '../pipeline/settings/selection.js';
import { readSelections } from '../pipeline/settings/shelf.js';
import type { Transport } from '../ports/transport.js';

/** Selection settings that samples name. */
export interface DescribedSelection {
  readonly id: string;
  /** When the first partition began to keep samples under them, epoch ms; null: none has. */
  readonly sinceMs: number | null;
  /** True for those of the config. */
  readonly isNow: boolean;
  readonly settings: SelectionSettings;
}

/**
 * Everything that samples of an application were kept under, oldest first, and what the config says now.
 * @param transport undefined: nothing is there yet
 * @throws selection-unknown when none has the id that is asked for
 */
export async function describeSelections(
  config: Config,
  transport: Pick<Transport, 'reader'> | undefined,
  id?: string,
): Promise<readonly DescribedSelection[]> {
  const recorded = transport ? await readSelections(transport, config.application) : new Map();
  const now = namedSelection(config);
  const all = [
    ...[...recorded].map(([of, { settings, sinceMs }]) => ({ id: of, sinceMs, isNow: of === now.id, settings })),
    ...(recorded.has(now.id) ? [] : [{ id: now.id, sinceMs: null, isNow: true, settings: now.settings }]),
  ];
  const asked = id === undefined ? all : all.filter((one) => one.id === id);
  if (asked.length === 0) throw new SluiceError('selection-unknown', { id: id!, application: config.application });
  return asked;
}

/** What people look for first; the rest is told where it is not at its default. */
const ALWAYS = ['selection.scorer', 'selection.budget', 'selection.auditFraction', 'label.goal', 'saltFingerprint'];
const NAMES: Readonly<Record<string, string>> = { saltFingerprint: 'fingerprint of the salt' };

/** Selection settings in one line. */
export function selectionLine(settings: SelectionSettings): string {
  const defaults = leavesOf(namedSelection(configSchema.parse({})).settings);
  const own = leavesOf(settings);
  const others = [...own].filter(([path, value]) => !ALWAYS.includes(path) && defaults.get(path) !== value);
  return [...ALWAYS.flatMap((path): [string, string][] => [[path, own.get(path) ?? 'none']]), ...others]
    .map(([path, value]) => `${NAMES[path] ?? path.replace('selection.', '')} ${value.replace(/^"(.*)"$/, '$1')}`)
    .join(', ');
}
