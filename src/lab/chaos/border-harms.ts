import { readFileSync, writeFileSync } from 'node:fs';
import { SluiceError } from '../../errors.js';
import type { ChaosApplication } from './application.js';
import type { ChildEnd, RunChild } from './child.js';

/** What happens to an application at its border, between two lives or beside one. */
export const BORDER_HARMS = ['changed config', 'refused config', 'same application', 'foreign application'] as const;
export type BorderHarm = (typeof BORDER_HARMS)[number];

/** Lines of a config that may change between two lives and change no output of these events. */
export const OTHER_SETTINGS = `decode: { maxMessageBytes: 4000000 }
join: { attributionWindowMs: 120000, allowedLatenessMs: 30000, maxReorderBytes: 30000000 }
state: { checkpointEveryMs: 300 }
batch: { maxBytes: 49152 }
`;
export const REFUSED_SETTINGS = 'features: { maxSessions: 54321 }\n';
const CONFIG_STATUS = 2;

/** What the harms work with. */
export interface BorderNeeds {
  readonly application: ChaosApplication;
  /** The config as it was, as YAML. */
  readonly yaml: string;
  readonly start: (file: string) => RunChild;
  readonly signal: AbortSignal;
}

/**
 * Does one of them to an application that has committed something and does not run, and takes the documented way out where
 * the program refuses.
 * @returns what happened, in words
 * @throws SluiceError `child-failed` when the program neither goes on nor refuses as it should
 */
export async function harmBorder(harm: BorderHarm, needs: BorderNeeds): Promise<string> {
  const { application, yaml, start, signal } = needs;
  switch (harm) {
    case 'changed config': {
      // Later lives go on under it; every second time it is changed back.
      const other = merged(yaml, OTHER_SETTINGS);
      const isChanged = readFileSync(application.file, 'utf8') === other;
      writeFileSync(application.file, isChanged ? yaml : other);
      return isChanged ? 'back to the config before' : 'other settings from here on';
    }
    case 'refused config': {
      const file = `${application.file}.refused.yaml`;
      writeFileSync(file, `${yaml}${REFUSED_SETTINGS}`);
      refusedWith('settings-changed', await start(file).ended, signal);
      return 'refused with settings-changed; the old value is put back';
    }
    case 'same application': {
      const first = start(application.file);
      await first.joined;
      const second = await start(application.file).ended;
      first.kill();
      const { status } = await first.ended;
      // The first one may have been faster: then there was nobody to refuse the second.
      if (status !== null) return 'the first run had ended before';
      refusedWith('store-in-use', second, signal);
      return 'a second run was refused with store-in-use';
    }
    case 'foreign application': {
      const file = `${application.file}.foreign.yaml`;
      writeFileSync(file, foreign(yaml, application.config.application));
      const end = await start(file).ended;
      if (end.status !== 0 && !signal.aborted) throw failed(end);
      return 'another application read the same topics to their end';
    }
  }
}

export function refusedWith(code: string, end: ChildEnd, signal: AbortSignal): void {
  if (signal.aborted) return;
  if (end.status !== CONFIG_STATUS || !end.lastWords.includes(code)) throw failed(end);
}

export function failed({ status, lastWords }: ChildEnd): SluiceError {
  return new SluiceError('child-failed', { status: status ?? 'signal', why: lastWords });
}

/** Sections of the second in place of those of the first. */
export function merged(yaml: string, other: string): string {
  const sections = new Map(
    [yaml, other].flatMap((text) => text.trim().split('\n')).map((line) => [line.split(':')[0], line]),
  );
  return `${[...sections.values()].join('\n')}\n`;
}

/** The same inputs, checkpoints and snapshots; outputs of its own. `topics`: other settings of that section. */
export function foreign(yaml: string, name: string, topics = ''): string {
  const outputs = ['training', 'audit', 'late', 'dead-letters', 'pool'].map((role) => `${role}: foreign.${role}`);
  return merged(yaml, `application: ${name}-foreign\ntopics: { ${topics}names: { ${outputs.join(', ')} } }\n`);
}
