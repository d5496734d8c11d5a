import type { Contest, Judged } from '../lab/replay/judge-sides.js';
import type { ReplayComparison, SideReport } from '../lab/replay/compare-replays.js';
import { counted } from './numbers.js';
import { textTable } from './table.js';

/** A comparison of two policies, for people. */
export function comparisonText(comparison: ReplayComparison): string {
  const { range, a, b, kept, overlap, common } = comparison;
  const share = (value: number | null): string => (value === null ? '-' : `${(100 * value).toFixed(1)} %`);
  const of = (count: number): string => share(common.rows === 0 ? null : count / common.rows);
  const features =
    common.sameFeatures === null ? 'the feature sets are not the same' : `equal features in ${of(common.sameFeatures)}`;
  return [
    `impressions from ${isoOf(range.fromMs)} to ${isoOf(range.toMs)}\n`,
    `a: ${sideOf(a)}\nb: ${sideOf(b)}\n\n`,
    textTable(
      ['kept', 'label', 'a', 'b', 'both'],
      [
        ...kept.map(({ surface, label, a: ofA, b: ofB, both }) => [surface, String(label), ofA, ofB, both]),
        ['all', '', a.kept, b.kept, kept.reduce((sum, { both }) => sum + both, 0)],
      ],
    ),
    `of what a kept, b kept ${share(overlap.ofA)}; of what b kept, a kept ${share(overlap.ofB)}\n\n`,
    `audit: ${counted(common.rows, 'row')} in common (a ${whole(a.audit)}, b ${whole(b.audit)}); equal labels in ${of(common.sameLabels)}, ${features}\n`,
    ...judgements(comparison),
    `\n${textTable(['cost', 'a', 'b'], costs(a, b))}`,
  ].join('');
}

function judgements({ asScored, trained }: ReplayComparison): string[] {
  const rows = [
    ...rowsOf('champions as they scored', asScored),
    ...(trained
      ? rowsOf(`trained on ${whole(trained.a.rows)} and ${whole(trained.b.rows)} kept rows`, trained.contest)
      : []),
  ];
  const head = ['model', 'metric', 'a', 'b', 'b - a'];
  const none = rows.length === 0;
  if (none) return ['There is nothing to judge on: both need a model, and audit rows of both labels.\n'];
  const later = trained?.contest
    ? `The trained ones: on what each had kept before ${isoOf(trained.splitMs)}, judged on the ${counted(trained.contest.rows, 'common audit row')} after it.\n`
    : '';
  return [textTable(head, rows), 'Half-widths of 95 % intervals, over the draw of sessions; b - a is paired.\n', later];
}

const NAMES = { auc: 'AUC', normalisedEntropy: 'NE', calibration: 'calibration' } as const;

function rowsOf(model: string, contest: Contest | null): string[][] {
  if (contest === null) return [];
  return (['auc', 'normalisedEntropy', 'calibration'] as const).map((name) => {
    const { a, b, difference } = contest[name];
    return [model, NAMES[name], shown(a), shown(b), `${difference.value < 0 ? '' : '+'}${shown(difference)}`];
  });
}

function shown({ value, upper }: Judged): string {
  return `${value.toFixed(4)} ± ${(upper - value).toFixed(4)}`;
}

function costs(a: SideReport, b: SideReport): (readonly (string | number | null)[])[] {
  const row = (name: string, of: (side: SideReport) => number | null) => [name, of(a), of(b)] as const;
  return [
    row('training bytes', ({ bytes }) => bytes.training),
    row('audit bytes', ({ bytes }) => bytes.audit),
    row('CPU seconds, warm-up included', ({ cost }) => (cost === null ? null : Number((cost.cpuMs / 1000).toFixed(1)))),
  ];
}

function sideOf({ replay, sets }: SideReport): string {
  return replay === null ? 'the application' : `replay ${replay}${sets.length === 0 ? '' : `, ${sets.join(', ')}`}`;
}

const isoOf = (ms: number): string => new Date(ms).toISOString();
const whole = (count: number): string => count.toLocaleString('en');
