import { createHash } from 'node:crypto';
import type { Encoder } from '../../ports/encoder.js';
import { SluiceError } from '../../errors.js';

/**
 * An encoder without a model: every lower-cased word of a text points in a direction of its own, drawn from its hash, and
 * a text is the unit sum of its words, so that texts that share words are alike. The same text has the same vector on
 * every machine. For tests and for trying things out; its switches make it fail.
 */
export class MemoryEncoder implements Encoder {
  readonly encoderId: string;
  /** Texts encoded so far, oldest first, repetitions included. */
  readonly encoded: string[] = [];
  /** While set, `encode` rejects with `encoder-failed`. */
  failing = false;
  private closed = false;

  constructor(readonly dimensions = 16) {
    this.encoderId = `memory-${dimensions}`;
  }

  async encode(texts: readonly string[]): Promise<readonly Float32Array[]> {
    await Promise.resolve();
    if (this.closed) throw new DOMException('encoder is closed', 'AbortError');
    if (this.failing) throw new SluiceError('encoder-failed', { why: 'it was told to fail' });
    this.encoded.push(...texts);
    return texts.map((text) => this.vectorOf(text));
  }

  close(): Promise<void> {
    this.closed = true;
    return Promise.resolve();
  }

  private vectorOf(text: string): Float32Array {
    const sum = new Float64Array(this.dimensions);
    // The word '' stands for the frame every text has (a real encoder's special tokens), so that no sum is zero.
    for (const word of ['', ...(text.toLowerCase().match(/[\p{L}\p{N}]+|\S/gu) ?? [])]) addDirection(word, sum);
    const length = Math.sqrt(sum.reduce((square, value) => square + value * value, 0));
    return Float32Array.from(sum, (value) => value / length);
  }
}

/** Adds a word's direction: coordinates in (−1, 1), each from two bytes of the word's SHA-256 stream. */
function addDirection(word: string, sum: Float64Array): void {
  for (let at = 0; at < sum.length; at += 16) {
    const bytes = createHash('sha256').update(`${at}:${word}`).digest();
    for (let i = 0; i < 16 && at + i < sum.length; i++) sum[at + i]! += (bytes.readUInt16LE(2 * i) - 32_767.5) / 32_768;
  }
}
