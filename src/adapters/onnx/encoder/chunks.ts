/** Texts in one request to a worker: enough that the message costs nothing, few enough that threads finish together. */
export const MAX_CHUNK_TEXTS = 64;

/** Characters in one request to a worker (one text may be longer). */
export const MAX_CHUNK_CHARACTERS = 16_384;

/**
 * Cuts texts into runs for `workers` threads: in order, each at most {@link MAX_CHUNK_TEXTS} texts and about
 * {@link MAX_CHUNK_CHARACTERS} characters, and at least four runs a thread when there are that many texts, none of them
 * with more than its share of the characters unless it is one text.
 */
export function chunksOf(texts: readonly string[], workers: number): string[][] {
  const mostTexts = Math.min(MAX_CHUNK_TEXTS, Math.ceil(texts.length / (4 * workers)));
  const allCharacters = texts.reduce((sum, text) => sum + text.length, 0);
  const mostCharacters = Math.min(MAX_CHUNK_CHARACTERS, Math.ceil(allCharacters / (4 * workers)));
  const chunks: string[][] = [];
  let chunk: string[] = [];
  let characters = 0;
  for (const text of texts) {
    if (chunk.length > 0 && (chunk.length >= mostTexts || characters + text.length > mostCharacters)) {
      chunks.push(chunk);
      chunk = [];
      characters = 0;
    }
    chunk.push(text);
    characters += text.length;
  }
  if (chunk.length > 0) chunks.push(chunk);
  return chunks;
}

/**
 * Indices of texts, the longest first, equal ones in order: chunks cut from this order end with the cheapest, so that
 * threads finish together. Every text goes through the network alone, so no vector depends on the order.
 */
export function longestFirst(texts: readonly string[]): number[] {
  return texts.map((_, index) => index).sort((left, right) => texts[right]!.length - texts[left]!.length);
}
