/** Texts in one request to a worker: enough that the message costs nothing, few enough that threads finish together. */
export const MAX_CHUNK_TEXTS = 64;

/** Characters in one request to a worker (one text may be longer). */
export const MAX_CHUNK_CHARACTERS = 16_384;

/**
 * Cuts texts into runs for `workers` threads: in order, each at most {@link MAX_CHUNK_TEXTS} texts and about
 * {@link MAX_CHUNK_CHARACTERS} characters, and at least four runs a thread when there are that many texts.
 */
export function chunksOf(texts: readonly string[], workers: number): string[][] {
  const mostTexts = Math.min(MAX_CHUNK_TEXTS, Math.ceil(texts.length / (4 * workers)));
  const chunks: string[][] = [];
  let chunk: string[] = [];
  let characters = 0;
  for (const text of texts) {
    if (chunk.length > 0 && (chunk.length >= mostTexts || characters + text.length > MAX_CHUNK_CHARACTERS)) {
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
