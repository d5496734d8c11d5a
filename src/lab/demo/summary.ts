import { join } from 'node:path';
import type { Ceiling } from '../simulate/index.js';
import type { Accounting } from '../../app/accounting.js';
import { curationLines } from '../../app/curation-lines.js';
import type { Published } from './champion-watch.js';
import type { DemoFolder } from './folder.js';
import { ratio, whole } from './progress-line.js';

/** Everything the summary tells. */
export interface DemoResult {
  readonly elapsedMs: number;
  readonly accounting: Accounting;
  readonly published: Published;
  readonly ceiling: Ceiling;
  readonly folder: DemoFolder;
  /** How the program is called, for the commands to try next. */
  readonly programName: string;
}

/** The summary for somebody who sees this for the first time: at most 25 lines, plain words. */
export function demoSummary(result: DemoResult): string {
  const lines = ['', ...streamLines(result), '', ...modelLines(result), '', ...nextLines(result), ''];
  return lines.map((line) => `${line}\n`).join('');
}

function streamLines({ elapsedMs, accounting }: DemoResult): string[] {
  const { impressions, interactions, samples, weights } = accounting;
  const eligible = samples.seen - samples.audit;
  const waiting =
    impressions.read - impressions.duplicate - impressions.deadLettered - impressions.unexamined - samples.seen;
  return [
    `In ${Math.round(elapsedMs / 1000)} s, ${whole(impressions.read)} impressions and ${whole(interactions.read)} interactions came in (simulated shoppers).`,
    `  seen    ${whole(samples.seen)} impressions have their final outcome, ${whole(samples.positive)} of them clicked; ${whole(waiting)} still wait for theirs`,
    `  kept    ${whole(samples.kept)} training samples, ${percent(samples.kept, eligible)} of ${whole(eligible)}; chosen by what they teach, not at random`,
    `  audit   ${whole(samples.audit)} more set aside at random: models are judged on them and never trained on them`,
    weights.ratio === null
      ? '  weights no sample has been decided on yet'
      : `  weights the kept stand for ${whole(weights.sum)} of ${whole(eligible)}: ratio ${ratio(weights.ratio)} ± ${ratio(weights.standardError)} (1 = nothing lost)`,
  ];
}

function modelLines({ published, accounting, ceiling }: DemoResult): string[] {
  const { champion, snapshotCount } = published;
  if (champion === undefined) return ['No model was published: too little time. The first one takes about 15 seconds.'];
  const audited = champion.metrics.candidate?.overall;
  const live = accounting.champion;
  return [
    `${whole(snapshotCount)} ${snapshotCount === 1 ? 'model was' : 'models were'} trained and published on the way; ${champion.version} scores now (taught by ${whole(champion.trainedOn.rows)} samples).`,
    `  on the audit samples   NE ${ratio(audited?.normalisedEntropy)}, AUC ${ratio(audited?.auc)} (chance 1 and 0.5; the simulator's truth ${ratio(ceiling.bayesNormalisedEntropy)} and ${ratio(ceiling.bayesAuc)})`,
    `  on the live stream     NE ${ratio(live.normalisedEntropy)}, calibration ${ratio(live.calibration)} (1 = as many clicks as predicted), before each outcome was known`,
    ...curationLines(accounting.curation).map((line) => `  ${line}`),
  ];
}

function nextLines({ folder, programName }: DemoResult): string[] {
  const config = `--config ${folder.configFile}`;
  return [
    `Files are in ${folder.path}: the store with all topics, the config it ran with, and ${join(folder.path, 'sluice.log')}.`,
    'Try next:',
    `  ${programName} dump training ${config} --format csv --out training.csv   (the samples)`,
    `  ${programName} snapshot list ${config}   (the models)`,
    `  ${programName} simulate --out events --impressions 50000 --seed 1   (traffic as files)`,
    `  ${programName} run --events events --until-end   (the processor on them)`,
  ];
}

function percent(part: number, of: number): string {
  return of === 0 ? '0 %' : `${((100 * part) / of).toFixed(1)} %`;
}
