import { silentLogger } from '../../adapters/memory/logger.js';
import { BUILT_IN, builtInOf } from '../../adapters/onnx/encoder/built-in.js';
import { openEncoder } from '../../adapters/onnx/encoder/index.js';
import { tokenShare } from '../../adapters/onnx/encoder/token-share.js';
import { HIGH_UNKNOWN_FRACTION, unknownFraction } from '../../adapters/onnx/encoder/unknown-tokens.js';
import type { Config } from '../../config/schema.js';
import type { Clock } from '../../ports/clock.js';
import type { Encoder } from '../../ports/encoder.js';
import { PAIRS, type Triple } from './pairs.js';

/** Share of the right pairs of a language that have to be above their wrong ones. */
const LEAST_RIGHT = 0.8;
/** Texts of the timed run. */
const TIMED_TEXTS = 400;

/** One right pair beside its wrong one; similarities are cosines. */
interface CheckedPair {
  readonly text: string;
  readonly right: string;
  readonly wrong: string;
  readonly rightSimilarity: number;
  readonly wrongSimilarity: number;
}

interface CheckedLanguage {
  readonly language: string;
  readonly pairs: readonly CheckedPair[];
  /** Pairs whose right one is above the wrong one. */
  readonly rightCount: number;
  readonly unknownFraction: number;
  /** Whether the encoder is to read it: what is wrong here is a problem. */
  readonly isJudged: boolean;
}

/** What a check found. */
export interface EncoderCheck {
  readonly model: string;
  readonly encoderId: string;
  readonly dimensions: number;
  readonly languages: readonly CheckedLanguage[];
  readonly textsPerSecond: number;
  readonly threads: number;
  /** Largest difference of one coordinate between a text's vector alone and in a batch; 0: to the bit. */
  readonly batchDifference: number;
  /** Why the encoder should not be used as it is; empty when it may. */
  readonly problems: readonly string[];
}

/** The languages that an encoder is judged by unless others are named: what a built-in one was made for, else all. */
export function languagesOf(model: string): readonly string[] {
  const name = builtInOf(model);
  return name === undefined ? Object.keys(PAIRS) : BUILT_IN[name].pairs;
}

/**
 * Tries an encoder on the pairs of every language, alone and in a batch, and times it.
 * Logs nothing: texts of languages that it does not read are part of the trial.
 * @param judged languages that it is to read
 * @throws encoder-file-invalid
 */
export async function checkEncoder(
  settings: Config['encoder'],
  judged: readonly string[],
  clock: Clock,
): Promise<EncoderCheck> {
  const encoder = await openEncoder(settings, { logger: silentLogger });
  try {
    const texts = [...new Set(Object.values(PAIRS).flat(2))];
    const vectors = await encoder.encode(texts);
    const vectorOf = new Map(texts.map((text, index) => [text, vectors[index]!]));
    const languages = Object.entries(PAIRS).map(([language, triples]) => ({
      ...checkedPairs(triples, vectorOf),
      language,
      unknownFraction: unknownFraction(tokenShare(settings, triples.flat())),
      isJudged: judged.includes(language),
    }));
    const batchDifference = await differenceAlone(encoder, vectorOf);
    const textsPerSecond = await speedOf(encoder, texts, clock);
    const { encoderId, dimensions } = encoder;
    const { model, threads } = settings;
    const problems = problemsOf(languages, batchDifference);
    return { model, encoderId, dimensions, languages, textsPerSecond, threads, batchDifference, problems };
  } finally {
    await encoder.close();
  }
}

function checkedPairs(
  triples: readonly Triple[],
  vectorOf: ReadonlyMap<string, Float32Array>,
): Pick<CheckedLanguage, 'pairs' | 'rightCount'> {
  const similarity = (left: string, right: string): number => {
    const other = vectorOf.get(right)!;
    return vectorOf.get(left)!.reduce((sum, value, at) => sum + value * other[at]!, 0);
  };
  const pairs = triples.map(([text, right, wrong]) => ({
    text,
    right,
    wrong,
    rightSimilarity: similarity(text, right),
    wrongSimilarity: similarity(text, wrong),
  }));
  const rightCount = pairs.filter((pair) => pair.rightSimilarity > pair.wrongSimilarity).length;
  return { pairs, rightCount };
}

/** Encodes each text in a call of its own, the last first. */
async function differenceAlone(encoder: Encoder, vectorOf: ReadonlyMap<string, Float32Array>): Promise<number> {
  let most = 0;
  for (const [text, together] of [...vectorOf].reverse()) {
    const [alone] = await encoder.encode([text]);
    alone!.forEach((value, at) => (most = Math.max(most, Math.abs(value - together[at]!))));
  }
  return most;
}

async function speedOf(encoder: Encoder, texts: readonly string[], clock: Clock): Promise<number> {
  const timed = Array.from({ length: TIMED_TEXTS }, (_, at) => `${texts[at % texts.length]!} ${at}`);
  const beganMs = clock.monotonicMs();
  await encoder.encode(timed);
  return TIMED_TEXTS / Math.max((clock.monotonicMs() - beganMs) / 1000, 1e-6);
}

function problemsOf(languages: readonly CheckedLanguage[], batchDifference: number): readonly string[] {
  const problems = languages
    .filter(({ isJudged }) => isJudged)
    .flatMap(({ language, pairs, rightCount, unknownFraction: unknown }) => [
      ...(rightCount < LEAST_RIGHT * pairs.length
        ? [`${language}: ${rightCount} of ${pairs.length} right pairs are above their wrong ones`]
        : []),
      ...(unknown > HIGH_UNKNOWN_FRACTION ? [`${language}: ${percent(unknown)} of the tokens are unknown`] : []),
    ]);
  if (batchDifference > 0)
    problems.push(`a vector depends on its batch (by up to ${batchDifference.toExponential(1)}): replays would differ`);
  return problems;
}

function percent(fraction: number): string {
  return `${(100 * fraction).toFixed(0)} %`;
}
