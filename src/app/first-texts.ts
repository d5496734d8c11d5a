import type { Codecs } from '../adapters/avro/index.js';
import type { Config } from '../config/schema.js';
import { admit, type Gate } from '../pipeline/admit.js';
import type { CleanList } from '../pipeline/admitted.js';
import type { Transport } from '../ports/transport.js';
import { readToEnd } from '../stream/read-to-end.js';
import { plainGate } from './plain-gate.js';

/** Distinct texts that `encoder.model: builtin` chooses by. */
export const CHOICE_TEXTS = 256;

/** The first distinct texts of a stream that an encoder would get, up to a number. */
export class FirstTexts {
  private readonly seen = new Set<string>();

  constructor(private readonly most: number) {}

  /** True once no more are wanted. */
  get isFull(): boolean {
    return this.seen.size >= this.most;
  }

  get texts(): readonly string[] {
    return [...this.seen];
  }

  take({ query, items }: Pick<CleanList, 'query'> & { readonly items: readonly { readonly text: string }[] }): void {
    // A query is compared with item texts only: without any it is not embedded.
    if (this.isFull || !items.some(({ text }) => text !== '')) return;
    for (const text of [query, ...items.map((item) => item.text)]) {
      if (text !== '' && !this.isFull) this.seen.add(text);
    }
  }
}

/** Messages that are read for them at most. */
const MOST_MESSAGES = 5_000;
/** Longest wait of one poll. */
const POLL_WAIT_MS = 200;

/**
 * Reads the first texts of the impressions topic, as the encoder would get them: as many from each partition, so that it
 * does not matter in which order the transport gives the partitions.
 * @param mapping how existing topics are read as ours
 */
export async function readFirstTexts(
  config: Config,
  transport: Pick<Transport, 'reader'>,
  codecs: Pick<Codecs, 'impressions' | 'interactions'>,
  mapping: Gate['mapping'],
): Promise<readonly string[]> {
  await codecs.impressions.ready?.();
  const gate: Gate = { ...plainGate(config, codecs), ...(mapping ? { mapping } : {}) };
  const byPartition = new Map<number, FirstTexts>();
  let messageCount = 0;
  const isEnough = (): boolean =>
    messageCount >= MOST_MESSAGES || (byPartition.size > 0 && [...byPartition.values()].every(({ isFull }) => isFull));
  const reader = await transport.reader(['impressions'], 'earliest');
  try {
    await readToEnd(
      reader,
      POLL_WAIT_MS,
      (records) => {
        for (const record of records) {
          messageCount++;
          const texts = byPartition.get(record.partition) ?? new FirstTexts(CHOICE_TEXTS);
          byPartition.set(record.partition, texts);
          if (texts.isFull || record.value === null) continue;
          for (const admitted of admit(gate, 'impressions', record))
            if (admitted.kind === 'list') texts.take(admitted.list);
        }
      },
      isEnough,
    );
  } finally {
    await reader.close();
  }
  const partitions = [...byPartition].sort(([left], [right]) => left - right).map(([, { texts }]) => texts);
  const share = Math.ceil(CHOICE_TEXTS / Math.max(1, partitions.filter(({ length }) => length > 0).length));
  return [...new Set(partitions.flatMap((texts) => texts.slice(0, share)))].slice(0, CHOICE_TEXTS);
}
