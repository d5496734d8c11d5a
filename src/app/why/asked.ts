import { impressionIdOf } from '../../events/impression-id.js';
import type { CleanInteraction, CleanList } from '../../pipeline/admitted.js';
import type { LogRecord } from '../../ports/transport.js';

/** Beyond so many texts every message is decoded: looking for each of them would cost more. */
const MOST_TEXTS = 8;
const ESCAPE = Buffer.from('\\u');

/** Ids that are asked for, as they were sent, and the texts by which a message that may hold one is told. */
export class Asked {
  private readonly texts = new Set<string>();
  private needles: readonly Buffer[] | undefined = [];

  /** @param isEverywhere true where an id may stand in a message in another form: every message is decoded */
  constructor(
    readonly ids: ReadonlySet<string>,
    private readonly isEverywhere: boolean,
  ) {
    for (const id of ids) {
      this.look(id);
      const hash = id.lastIndexOf('#');
      if (hash > 0) this.look(id.slice(0, hash));
    }
  }

  /** Messages with this text are of interest, too. */
  look(text: string): void {
    this.texts.add(text);
    const isPlain = [...this.texts].every((one) => /^[\x20-\x7e]+$/.test(one) && !/["\\/]/.test(one));
    this.needles =
      this.isEverywhere || !isPlain || this.texts.size > MOST_TEXTS
        ? undefined
        : [...this.texts].map((one) => Buffer.from(one));
  }

  /** False when a message cannot hold any of it. */
  mayBeIn({ value }: Pick<LogRecord, 'value'>): boolean {
    if (value === null) return false;
    if (this.needles === undefined) return true;
    const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
    return this.needles.some((needle) => bytes.includes(needle)) || bytes.includes(ESCAPE);
  }

  /** True when an unreadable message has one of the ids in it, as a whole word. */
  isNamedIn(value: Uint8Array): boolean {
    if (this.texts.size > MOST_TEXTS) return false;
    const text = Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('latin1');
    return [...this.ids].some((id) => isWordIn(text, id) || isWordIn(text, requestOf(id)));
  }

  /** Places in a list of the impressions that are asked for. */
  placesIn({ requestId, items }: CleanList): readonly number[] {
    const isWhole = this.ids.has(requestId);
    return items.flatMap((item, place) => (isWhole || this.ids.has(impressionIdOf(requestId, item)) ? [place] : []));
  }

  isOf({ interactionId }: Pick<CleanInteraction, 'interactionId'>): boolean {
    return this.ids.has(interactionId);
  }
}

function requestOf(id: string): string {
  const hash = id.lastIndexOf('#');
  return hash > 0 ? id.slice(0, hash) : id;
}

function isWordIn(text: string, word: string): boolean {
  const letter = /[\w-]/;
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1))
    if (!letter.test(text[at - 1] ?? ' ') && !letter.test(text[at + word.length] ?? ' ')) return true;
  return false;
}
