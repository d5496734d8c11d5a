import { createHash } from 'node:crypto';
import type { Config } from '../../config/schema.js';
import { leastExamination, type Examination } from '../../events/examination.js';
import { leastGoals, type Goals } from '../../events/goals.js';
import { isOwnName } from '../../events/own-name.js';
import { orderedText } from './admission.js';

/** Raised with every change of the arithmetic that decides which samples are kept. */
const SELECTION_VERSION = 1;

/** What decides which samples are kept, beside the champion, whose version is on each sample. */
export interface SelectionSettings {
  readonly version: number;
  readonly label: Goals & Examination;
  readonly selection: Omit<Config['selection'], 'salt' | 'expectedClickRate'>;
  /** Tells salts apart and gives none away that could not be guessed. */
  readonly saltFingerprint: string;
  readonly contradicted: Config['quality']['contradicted'];
  /** Hashes of the plugins, where the scorer is of one. */
  readonly plugins?: readonly string[];
}

/** Selection settings with the id that stands for them on samples. */
export interface NamedSelection {
  readonly id: string;
  readonly settings: SelectionSettings;
}

/** Takes them out of a config, and gives them their id: the start of the SHA-256 of their text. */
export function namedSelection({ label, selection, quality, plugins }: Config): NamedSelection {
  const { salt, expectedClickRate: _advice, ...deciding } = selection;
  const settings: SelectionSettings = {
    version: SELECTION_VERSION,
    label: { ...leastGoals(label), ...leastExamination(label) },
    selection: deciding,
    saltFingerprint: fingerprint(`selection.salt ${salt}`),
    contradicted: quality.contradicted,
    ...(isOwnName(selection.scorer) ? { plugins: plugins.map(({ sha256 }) => sha256) } : {}),
  };
  return { id: fingerprint(orderedText(settings)), settings };
}

const FINGERPRINT_LENGTH = 8;

function fingerprint(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, FINGERPRINT_LENGTH);
}
