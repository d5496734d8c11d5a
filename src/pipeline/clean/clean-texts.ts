import { remember } from '../state/remember.js';
import { normaliseText, readableText } from './text.js';

/** How the texts of a message are brought to one form. */
export interface CleanTexts {
  /** Text for people, as the encoder reads it: queries, titles, descriptions. */
  readonly readable: (text: string) => string;
  /** Text that names one of a few things: categories. */
  readonly normal: (text: string) => string;
  /** False where nothing is embedded: item texts are checked, and left out. */
  readonly keepsItemTexts: boolean;
}

/** Every text on its own. */
export const EACH_TEXT: CleanTexts = { readable: readableText, normal: normaliseText, keepsItemTexts: true };

/** Some megabytes, however long the stream. */
const MOST_READABLE = 8_192;
const MOST_NORMAL = 1_024;

/**
 * The same with recent texts remembered: items and queries come again and again, and looking one up costs a third of
 * reading it. What comes out for equal texts is then one object, which the maps behind find faster, too.
 */
export function rememberedTexts(keepsItemTexts: boolean): CleanTexts {
  return {
    readable: remember(readableText, MOST_READABLE),
    normal: remember(normaliseText, MOST_NORMAL),
    keepsItemTexts,
  };
}
