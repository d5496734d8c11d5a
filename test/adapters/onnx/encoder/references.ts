import { readFileSync } from 'node:fs';

/** What the float32 network says of one text, made by scripts/make-encoder-references.py. */
export interface Reference {
  readonly text: string;
  readonly ids: readonly number[];
  readonly vector: readonly number[];
}

export interface ReferenceFile {
  readonly maxTokens: number;
  readonly pooling: 'mean' | 'cls';
  readonly tokenizer: { readonly sha256: string };
  readonly references: readonly Reference[];
}

const FILES = { 'builtin-en': 'encoder-references.json', 'builtin-zh': 'encoder-references-zh.json' } as const;

export function readReferences(of: keyof typeof FILES): ReferenceFile {
  return JSON.parse(readFileSync(new URL(`../../../fixtures/${FILES[of]}`, import.meta.url), 'utf8')) as ReferenceFile;
}

/** Spearman's rank correlation: Pearson's correlation of average ranks. */
export function rankCorrelation(left: readonly number[], right: readonly number[]): number {
  const a = ranks(left);
  const b = ranks(right);
  const middle = (a.length - 1) / 2;
  let product = 0;
  let squaresOfA = 0;
  let squaresOfB = 0;
  for (let i = 0; i < a.length; i++) {
    const x = a[i]! - middle;
    const y = b[i]! - middle;
    product += x * y;
    squaresOfA += x * x;
    squaresOfB += y * y;
  }
  return product / Math.sqrt(squaresOfA * squaresOfB);
}

/** Ranks from 0, equal values sharing the mean of theirs. */
function ranks(values: readonly number[]): Float64Array {
  const order = values.map((_, index) => index).sort((x, y) => values[x]! - values[y]!);
  const found = new Float64Array(values.length);
  for (let from = 0; from < order.length;) {
    let to = from;
    while (to + 1 < order.length && values[order[to + 1]!] === values[order[from]!]) to++;
    for (let i = from; i <= to; i++) found[order[i]!] = (from + to) / 2;
    from = to + 1;
  }
  return found;
}
