import { createHash } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { builtInOf } from '../../adapters/onnx/encoder/built-in.js';
import type { Config } from '../../config/schema.js';
import { SluiceError } from '../../errors.js';
import { evaluateCells, type EvaluationReport, type EvaluationRun } from './evaluate.js';
import type { Cell } from './cells.js';
import { estimate, type Estimate, type Line } from './summary.js';

/** An encoder to compare, as a config has it. */
export interface NamedEncoder {
  /** As it was given. */
  readonly name: string;
  readonly encoder: Config['encoder'];
}

/** What one encoder came to. */
export interface EncoderReport {
  readonly name: string;
  readonly model: string;
  readonly report: EvaluationReport;
  /** Each line against the same one of the first encoder, on the same samples and resamples; null for the first itself. */
  readonly against: readonly (Against | null)[];
}

/** Differences of a line to that of the first encoder. */
export interface Against {
  readonly auc: Estimate;
  readonly normalisedEntropy: Estimate;
}

/**
 * The encoder of a name: `builtin-en`, `builtin-zh`, an ONNX file, or a folder with model.onnx; tokenizer.json lies beside
 * the file. The pooling is that of the config, or of the report.json that a fine-tuning left there.
 * @throws encoder-file-invalid
 */
export function encoderNamed(name: string, encoder: Config['encoder']): NamedEncoder {
  if (name !== 'builtin' && builtInOf(name) !== undefined)
    return { name, encoder: { ...encoder, model: name, tokenizer: 'builtin', sha256: '' } };
  const model = existsSync(name) && statSync(name).isDirectory() ? join(name, 'model.onnx') : name;
  const tokenizer = join(dirname(model), 'tokenizer.json');
  for (const path of [model, tokenizer])
    if (!existsSync(path)) throw new SluiceError('encoder-file-invalid', { path, why: 'there is no such file' });
  const sha256 = createHash('sha256').update(readFileSync(model)).digest('hex');
  return { name, encoder: { ...encoder, model, tokenizer, sha256, pooling: poolingBeside(model) ?? encoder.pooling } };
}

function poolingBeside(model: string): 'mean' | 'cls' | undefined {
  const path = join(dirname(model), 'report.json');
  if (!existsSync(path)) return undefined;
  const { recipe } = JSON.parse(readFileSync(path, 'utf8')) as { readonly recipe?: { readonly pooling?: unknown } };
  return recipe?.pooling === 'mean' || recipe?.pooling === 'cls' ? recipe.pooling : undefined;
}

/**
 * Evaluates the same stream once an encoder, each in a folder of its own: the same samples, salts and resamples of the test
 * sessions, so that differences are paired.
 */
export async function compareEncoders(
  run: EvaluationRun,
  encoders: readonly NamedEncoder[],
): Promise<readonly EncoderReport[]> {
  const found: {
    readonly name: string;
    readonly model: string;
    readonly report: EvaluationReport;
    cells: readonly Cell[];
  }[] = [];
  for (const [index, { name, encoder }] of encoders.entries()) {
    const workDir = join(run.workDir, `encoder-${index + 1}-${basename(name).replace(/[^\w.-]/g, '_')}`);
    const { report, cells } = await evaluateCells({ ...run, workDir, config: { ...run.config, encoder } });
    found.push({ name, model: encoder.model, report, cells });
  }
  const [first] = found;
  return found.map(({ name, model, report, cells }) => ({
    name,
    model,
    report,
    against: report.lines.map((line) => (cells === first!.cells ? null : against(line, cells, first!.cells))),
  }));
}

function against(line: Line, cells: readonly Cell[], first: readonly Cell[]): Against {
  const of = (all: readonly Cell[]) =>
    all
      .filter(({ policy, budget }) => policy === line.policy && budget === line.budget)
      .flatMap(({ judgements }) =>
        judgements.filter(({ consumer, correction }) => consumer === line.consumer && correction === line.correction),
      );
  const [own, others] = [of(cells), of(first)];
  const difference = (metric: 'auc' | 'normalisedEntropy'): Estimate =>
    estimate(
      own,
      (one) => {
        const [left, right] = [one.evaluation.overall[metric], others[own.indexOf(one)]?.evaluation.overall[metric]];
        return left === null || right === null || right === undefined ? null : left - right;
      },
      (one, i) => one.resampled[metric][i]! - (others[own.indexOf(one)]?.resampled[metric][i] ?? Number.NaN),
    );
  return { auc: difference('auc'), normalisedEntropy: difference('normalisedEntropy') };
}

/** Head of the table of encoders. */
export const ENCODER_HEAD = [
  'consumer',
  'policy',
  'trained by',
  'encoder',
  'AUC',
  'NE',
  'calibration',
  'accuracy',
  'precision',
  'recall',
  'F1',
  'AUC against first',
  'NE against first',
] as const;

/** One row a line and encoder, those of a line together. */
export function encoderRows(reports: readonly EncoderReport[]): readonly (readonly string[])[] {
  return reports[0]!.report.lines.flatMap((line) =>
    reports.flatMap(({ name, report, against }) => {
      const at = report.lines.findIndex((one) => keyOf(one) === keyOf(line));
      const own = report.lines[at];
      if (own === undefined) return [];
      const shown = (value: number | null): string => value?.toFixed(3) ?? '-';
      const signed = (of: Estimate | undefined): string =>
        of === undefined ? '' : `${of.mean >= 0 ? '+' : ''}${of.mean.toFixed(4)} ± ${of.half.toFixed(4)}`;
      const { accuracy, precision, recall, f1 } = own.metrics;
      return [
        [
          own.consumer,
          own.policy === 'full' ? 'full' : `${own.policy} ${(own.keptFraction * 100).toFixed(0)} %`,
          own.correction,
          name,
          own.auc.mean.toFixed(4),
          own.normalisedEntropy.mean.toFixed(4),
          own.calibration.mean.toFixed(3),
          ...[accuracy, precision, recall, f1].map(shown),
          signed(against[at]?.auc),
          signed(against[at]?.normalisedEntropy),
        ],
      ];
    }),
  );
}

function keyOf({ policy, budget, consumer, correction }: Line): string {
  return `${policy} ${budget} ${consumer} ${correction}`;
}
