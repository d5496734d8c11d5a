import { fileURLToPath } from 'node:url';
import type { Config } from '../../../config/schema.js';

/** What an encoder that ships with Sluice is; models/README.md tells where it comes from. */
export interface BuiltIn {
  /** Its folder in models/. */
  readonly name: string;
  /** Languages that it was trained on, for messages. */
  readonly languages: string;
  /** Names of the lists of `sluice encoder check` that it is judged by. */
  readonly pairs: readonly string[];
  readonly sha256: { readonly model: string; readonly tokenizer: string };
  readonly dimensions: number;
  readonly pooling: 'mean' | 'cls';
  readonly textForm: 'as-is' | 'nfkc';
}

export const BUILT_IN = {
  'builtin-en': {
    name: 'all-MiniLM-L6-v2',
    languages: 'English',
    pairs: ['en'],
    sha256: {
      model: 'af8e26957306b1bebaf6f065eaf391955d0b4450a5cfeaffec2740604df074c8',
      tokenizer: 'da0e79933b9ed51798a3ae27893d3c5fa4a201126cef75586296df9b4d2c62a0',
    },
    dimensions: 384,
    pooling: 'mean',
    textForm: 'as-is',
  },
  'builtin-zh': {
    name: 'bge-small-zh-v1.5',
    languages: 'Chinese, with English words in it',
    pairs: ['zh', 'zh-mixed', 'ja'],
    sha256: {
      model: '3878b70c12c509d4ada124df758cbeebf331a4f174b0d47a30bea5dc41aab9a4',
      tokenizer: '7dfbf1966ebf99d471c3796e9b457329d2b2182b817e144f1e904b957745c839',
    },
    dimensions: 512,
    pooling: 'cls',
    textForm: 'nfkc',
  },
} as const satisfies Readonly<Record<string, BuiltIn>>;

export type BuiltInName = keyof typeof BUILT_IN;
export const BUILT_IN_NAMES = Object.keys(BUILT_IN) as readonly BuiltInName[];

const FILE_NAMES = { model: 'model.onnx', tokenizer: 'tokenizer.json' } as const;

/** The package root; this file sits four folders below it both in src/ and in dist/. */
const PACKAGE_ROOT = new URL('../../../../', import.meta.url);

/** Absolute path of a built-in file, from src/ and from dist/ alike. */
export function builtInPath(of: BuiltInName, file: keyof typeof FILE_NAMES): string {
  return fileURLToPath(new URL(`models/${BUILT_IN[of].name}/${FILE_NAMES[file]}`, PACKAGE_ROOT));
}

/** The built-in encoder that `encoder.model` names; a `builtin` that nobody has settled is English. Undefined for a file. */
export function builtInOf(model: string): BuiltInName | undefined {
  if (model === 'builtin') return 'builtin-en';
  return Object.hasOwn(BUILT_IN, model) ? (model as BuiltInName) : undefined;
}

/** How an encoder takes its texts and pools its tokens: as the config says, else as the model says of itself. */
export function mannerOf({ model, pooling, textForm }: Pick<Config['encoder'], 'model' | 'pooling' | 'textForm'>): {
  readonly pooling: 'mean' | 'cls';
  readonly textForm: 'as-is' | 'nfkc';
} {
  const name = builtInOf(model);
  const own = name === undefined ? ({ pooling: 'mean', textForm: 'as-is' } as const) : BUILT_IN[name];
  return {
    pooling: pooling === 'own' ? own.pooling : pooling,
    textForm: textForm === 'own' ? own.textForm : textForm,
  };
}

/** Beside the special tokens a text has one at least; both networks have as many positions. */
const LEAST_TOKENS = 3;
const MOST_TOKENS = 512;

/** Dimensions of what a built-in model gives under settings that it is known to run with; undefined where that must be tried. */
export function knownDimensions({
  model,
  tokenizer,
  prefix,
  maxTokens,
}: Pick<Config['encoder'], 'model' | 'tokenizer' | 'prefix' | 'maxTokens'>): number | undefined {
  const builtIn = builtInOf(model);
  const isUsual = tokenizer === 'builtin' && prefix === '' && maxTokens >= LEAST_TOKENS && maxTokens <= MOST_TOKENS;
  return builtIn !== undefined && isUsual ? BUILT_IN[builtIn].dimensions : undefined;
}
