import { SURFACES } from '../../events/words.js';
import type { EvaluationReport } from './evaluate.js';
import { lineChart, type Series } from './line-chart.js';
import { reliabilityChart } from './reliability-chart.js';
import { reliabilityLines, shownBudget } from './reliability.js';
import { REPORT_STYLE } from './report-style.js';
import { RESULT_HEAD, resultRows } from './result-rows.js';
import type { Estimate, Line, MeanMetrics } from './summary.js';

/** The report as one HTML page: plots and tables, nothing loaded from anywhere, light or dark as the reader's system is. */
export function reportHtml(report: EvaluationReport): string {
  const { samples, plan, left } = report;
  const names = [...new Set(report.lines.map(({ policy }) => policy))].filter((name) => name !== 'full');
  const facts = [
    `${count(samples.count)} samples, ${percent(samples.positives / samples.count, 2)} of label 1, ${samples.columns} columns`,
    `trained on the first ${count(samples.train)}, judged on all of the last ${count(samples.test)} (${count(samples.testPositives)} of label 1)`,
    `pilot ${report.pilot}, ${plan.salts.length} ${plan.salts.length === 1 ? 'salt' : 'salts'}; intervals are 95 %: resampled test sessions and salts together${plan.salts.length < 2 || plan.salts.length > 4 ? '' : `; ${plan.salts.length} salts know little of their own spread, --salts 5 narrows them`}`,
    ...left.map(({ policy, budget, why }) => `${policy} at ${percent(budget, 0)} is left out: ${why}`),
  ];
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Sluice evaluation</title><style>${REPORT_STYLE}</style></head><body><main>
<h1>What a budget costs</h1>
<ul class="facts">${facts.map((fact) => `<li>${escaped(fact)}</li>`).join('')}</ul>
${plan.consumers.map((consumer) => consumerSection(consumer, report, names)).join('\n')}
<section><h2>All results</h2>${table(RESULT_HEAD, resultRows(report))}</section>
<section><h2>Decisions and calibration</h2><p>Threshold of the best F1 on the earlier half of the test, judged on the later half; ECE is the mean distance between predicted and observed rate over 15 bins of equal size.</p>${table(
    ['consumer', 'policy', 'kept', 'trained by', ...METRIC_HEAD],
    report.lines.map((line) => [...nameOf(line), ...metricCells(line.metrics)]),
  )}</section>
${surfaceSection(report)}
</main></body></html>
`;
}

const METRIC_HEAD = ['AUC', 'NE', 'log loss', 'calibration', 'ECE', 'accuracy', 'precision', 'recall', 'F1'];

function consumerSection(consumer: string, report: EvaluationReport, names: readonly string[]): string {
  const own = report.lines.filter((line) => line.consumer === consumer);
  const chart = (
    title: string,
    of: (line: Line) => Estimate,
    yText: (y: number) => string,
    reference: number,
    widest: readonly [number, number],
  ): string => {
    const series = seriesOf(own, names, of);
    const options = {
      title,
      xLabel: 'share of samples kept',
      yText,
      xText: (x: number) => percent(x, 0),
      reference,
      range: rangeOf(series, reference, widest),
    };
    return `<figure><figcaption>${title}</figcaption>${lineChart(series, options)}</figure>`;
  };
  return `<section><h2>Consumer: ${consumer}</h2>${legend(names)}
<div class="charts">
${chart(
  'AUC, share of the AUC of everything',
  (line) => line.aucOfFull,
  (y) => percent(y, 1),
  1,
  [0.85, 1.02],
)}
${chart(
  'Normalised entropy against everything',
  (line) => line.normalisedEntropyChange,
  (y) => percent(y, 0),
  0,
  [-0.05, 0.5],
)}
${chart(
  'Calibration, Σ predicted / Σ happened',
  (line) => line.calibration,
  (y) => y.toFixed(2),
  1,
  [0.7, 1.5],
)}
</div>
${reliabilitySection(consumer, report, names)}</section>`;
}

/** A diagram a budget, that of the budget nearest to a tenth in sight. */
function reliabilitySection(consumer: string, { lines, plan }: EvaluationReport, names: readonly string[]): string {
  const shown = shownBudget(plan);
  const diagrams = plan.budgets.map((budget) => {
    const series = reliabilityLines(lines, consumer, budget).map(({ policy, reliability }) => ({
      name: policy,
      colour: names.indexOf(policy) + 1,
      bins: reliability,
      hasIntervals: policy === 'full',
    }));
    const title = `Reliability at ${percent(budget, budget < 0.01 ? 1 : 0)} kept`;
    return `<details${budget === shown ? ' open' : ''}><summary>${title}</summary><figure class="reliability">${reliabilityChart(series, title)}</figure></details>`;
  });
  return `<h3>Reliability</h3><p>What was predicted against what happened, in bins of equal size of the test samples, trained by the first correction of each policy. On the dotted line predictions are right; below it they promise more than happened. In the colour of the text: trained on everything, with the 95 % interval of each bin; those of the others are about as wide.</p>
${diagrams.join('')}`;
}

/** A line a policy and correction: solid by offset or uncorrected, dashed by weights. */
function seriesOf(lines: readonly Line[], names: readonly string[], of: (line: Line) => Estimate): readonly Series[] {
  return names.flatMap((name, index) =>
    (['offset', 'none', 'weights'] as const).flatMap((correction) => {
      const own = lines
        .filter((line) => line.policy === name && line.correction === correction)
        .sort((a, b) => a.budget - b.budget);
      const points = own
        .map((line) => ({ x: line.budget, y: of(line).mean, half: of(line).half }))
        .filter(({ y }) => Number.isFinite(y));
      return points.length === 0
        ? []
        : [
            {
              name: correction === 'weights' ? `${name}, weights` : name,
              colour: index + 1,
              isDashed: correction === 'weights',
              points,
            },
          ];
    }),
  );
}

/** What the lines need, the reference in it, within the widest that is still readable. A hard cut would squeeze all others. */
function rangeOf(
  series: readonly Series[],
  reference: number,
  [lowest, highest]: readonly [number, number],
): readonly [number, number] {
  const ys = [
    reference,
    ...series.filter(({ name }) => name !== 'top').flatMap(({ points }) => points.map(({ y }) => y)),
  ].map((y) => Math.min(highest, Math.max(lowest, y)));
  const [low, high] = [Math.min(...ys), Math.max(...ys)];
  const margin = Math.max((high - low) * 0.08, 0.002);
  return [low - margin, high + margin];
}

function legend(names: readonly string[]): string {
  const entries = names.map((name, index) => `<li class="s${index + 1}"><i></i>${name}</li>`);
  return `<ul class="legend">${entries.join('')}<li><b class="solid"></b>offset, or uncorrected</li><li><b class="dash"></b>weights 1/π</li><li><b class="dots"></b>trained on everything, or calibrated</li><li>▲▼ outside the plot</li></ul>`;
}

function surfaceSection({ lines }: EvaluationReport): string {
  const present = SURFACES.filter((surface) => lines.some((line) => line.surfaces[surface] !== undefined));
  if (present.length < 2) return '';
  const tables = present.map((surface) => {
    const rows = lines.flatMap((line) =>
      line.surfaces[surface] ? [[...nameOf(line), ...metricCells(line.surfaces[surface])]] : [],
    );
    return `<details><summary>${surface}</summary>${table(['consumer', 'policy', 'kept', 'trained by', ...METRIC_HEAD], rows)}</details>`;
  });
  return `<section><h2>By surface</h2>${tables.join('')}</section>`;
}

function nameOf({ consumer, policy, keptFraction, correction }: Line): readonly string[] {
  return [consumer, policy, percent(keptFraction, keptFraction < 0.0995 ? 1 : 0), correction];
}

function metricCells(metrics: MeanMetrics): readonly string[] {
  const { auc, normalisedEntropy, logLoss, calibration, expectedCalibrationError, accuracy, precision, recall, f1 } =
    metrics;
  return [auc, normalisedEntropy, logLoss, calibration, expectedCalibrationError, accuracy, precision, recall, f1].map(
    (value) => (value === null ? '-' : value.toFixed(4)),
  );
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const isNumber = head.map(
    (_, column) => rows.length > 0 && rows.every((row) => /^[-+]?[\d.,]|^-$/.test(row[column]!)),
  );
  const cells = (row: readonly string[], tag: string): string =>
    row.map((cell, column) => `<${tag}${isNumber[column] ? ' class="number"' : ''}>${escaped(cell)}</${tag}>`).join('');
  return `<div class="scroll"><table><thead><tr>${cells(head, 'th')}</tr></thead><tbody>${rows.map((row) => `<tr>${cells(row, 'td')}</tr>`).join('')}</tbody></table></div>`;
}

function percent(share: number, digits: number): string {
  return `${(share * 100).toFixed(digits)} %`;
}

function count(value: number): string {
  return value.toLocaleString('en');
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
