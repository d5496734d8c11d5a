import type { Config } from '../../../../config/schema.js';

type Api = Config['encoder']['server']['api'];

/** How one kind of server is asked, and where its vectors stand in an answer. */
interface EmbeddingApi {
  readonly path: string;
  body(texts: readonly string[], model: string): unknown;
  /** One array a text in the order asked, or undefined for an answer of another shape. */
  vectors(answer: unknown): readonly unknown[] | undefined;
}

/** The servers that there are clients for. */
export const APIS: Readonly<Record<Api, EmbeddingApi>> = {
  // https://huggingface.github.io/text-embeddings-inference: POST /embed
  tei: {
    path: '/embed',
    body: (texts) => ({ inputs: texts, normalize: true, truncate: true }),
    vectors: (answer) => (Array.isArray(answer) ? (answer as unknown[]) : undefined),
  },
  // https://platform.openai.com/docs/api-reference/embeddings: POST /v1/embeddings
  openai: {
    path: '/v1/embeddings',
    body: (texts, model) => ({ model, input: texts, encoding_format: 'float' }),
    vectors(answer) {
      const entries = (answer as { readonly data?: unknown } | null)?.data;
      if (!Array.isArray(entries)) return undefined;
      const vectors = new Array<unknown>(entries.length);
      for (const entry of entries as ({ readonly index?: number; readonly embedding?: unknown } | null)[])
        if (typeof entry?.index === 'number') vectors[entry.index] = entry.embedding;
      return vectors;
    },
  },
};
