import { createHash } from 'node:crypto';

/** The one form of a batch: `rows` texts of `tokens` tokens each, padding included. */
export interface BatchShape {
  readonly rows: number;
  readonly tokens: number;
}

/** From short texts to long ones. Each is about the same work, large enough to fill a card. */
const SHAPES: readonly BatchShape[] = [
  { rows: 512, tokens: 8 },
  { rows: 512, tokens: 16 },
  { rows: 256, tokens: 32 },
  { rows: 128, tokens: 64 },
  { rows: 64, tokens: 128 },
  { rows: 32, tokens: 256 },
  { rows: 16, tokens: 512 },
];

/** Lengths are whole multiples of this, so that no kernel has an edge case of its own for one length. */
const TOKEN_STEP = 8;

/**
 * The shapes for texts of at most `maxTokens` tokens, shortest first: those of the table, the last one cut to what
 * `maxTokens` needs, or, past the end of the table, one more of eight rows.
 */
export function shapesFor(maxTokens: number): readonly BatchShape[] {
  const longest = Math.ceil(maxTokens / TOKEN_STEP) * TOKEN_STEP;
  const shorter = SHAPES.filter(({ tokens }) => tokens < longest);
  const rows = SHAPES[shorter.length]?.rows ?? 8;
  return [...shorter, { rows, tokens: longest }];
}

/**
 * Index of the shape that a text of `tokenCount` tokens runs in: the shortest that holds it. It depends on the text's
 * own length alone; that is why its vector does.
 * @throws RangeError when the text is longer than the last shape
 */
export function shapeIndexOf(shapes: readonly BatchShape[], tokenCount: number): number {
  const index = shapes.findIndex(({ tokens }) => tokenCount <= tokens);
  if (index < 0) throw new RangeError(`no shape holds ${tokenCount} tokens`);
  return index;
}

/**
 * Names the arithmetic in an encoder id: other shapes, or sums made elsewhere, give other vectors, in the seventh digit.
 * Six hexadecimal digits.
 */
export function shapesId(shapes: readonly BatchShape[]): string {
  const named = shapes.map(({ rows, tokens }) => `${rows}x${tokens}`).join(' ');
  return createHash('sha256').update(`sums at the device, ${named}`).digest('hex').slice(0, 6);
}
