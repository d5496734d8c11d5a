import type { Candidate, JudgedOn, TuneReport } from '../lab/tune/tune.js';
import { counted } from './numbers.js';
import { textTable } from './table.js';

/** Lines of the table; `--format json` has all. */
const MOST_LINES = 20;

/** What a tuning came to, for people, with what to paste. */
export function tuneText(report: TuneReport): string {
  const { present, best, isBetter, isComplete, fits, poolRows, chosenOn, confirmedOn } = report;
  const stopped = isComplete ? '' : 'The time was over before the last rung: another machine may answer otherwise.\n';
  return [
    `${counted(fits, 'fit')} on up to ${counted(poolRows, 'row')}; chosen on ${shownRows(chosenOn)}, confirmed on ${shownRows(confirmedOn)}\n\n`,
    tableOf(report),
    `gain: log loss lower than with the present settings on the same rows, 10⁻⁴ nats a row, ± its 95 % half-width\n${stopped}\n`,
    best === null
      ? `Nothing could be fitted beside the present settings.\n`
      : `${isBetter ? 'Better than the present settings' : 'Nothing beats the present settings by more than chance'}: on the newest rows, which chose nothing, the best has a gain of ${gainText(best.gain)}.\n`,
    isBetter && best ? yamlOf(best, present) : 'Leave them as they are.\n',
  ].join('');
}

function tableOf({ tried, present }: TuneReport): string {
  const rows = tried
    .slice(0, MOST_LINES)
    .map(({ learner, settings, result }) => [
      result?.rows ?? null,
      result && Number(result.auc.toFixed(4)),
      result && Number(result.normalisedEntropy.toFixed(4)),
      result ? gainText(result.gain) : 'failed',
      `${learner}: ${differences({ learner, settings }, present)}`,
    ]);
  const more = tried.length - rows.length;
  return (
    textTable(['rows', 'AUC', 'NE', 'gain', 'settings that differ'], rows) + (more > 0 ? `and ${more} more\n` : '')
  );
}

function differences({ learner, settings }: Candidate, present: Candidate): string {
  const changed = Object.entries(settings).filter(
    ([name, value]) => learner !== present.learner || present.settings[name] !== value,
  );
  return changed.length === 0 ? 'none' : changed.map(([name, value]) => `${name} ${value}`).join(', ');
}

function gainText({ mean, standardError }: { readonly mean: number; readonly standardError: number }): string {
  const shown = (value: number): string => (1e4 * value).toFixed(1);
  return `${mean < 0 ? '' : '+'}${shown(mean)} ± ${shown(1.96 * standardError)}`;
}

function yamlOf({ learner, settings }: Candidate, present: Candidate): string {
  const lines = Object.entries(settings).map(([name, value]) => `    ${name}: ${value}\n`);
  const choice = learner === present.learner ? '' : `  learner: ${learner}\n`;
  return `\nretrain:\n${choice}  ${learner}:\n${lines.join('')}`;
}

function shownRows({ rows, positives, fromMs }: JudgedOn): string {
  return `${counted(rows, 'audit row')} (${positives.toLocaleString('en')} positive) from ${new Date(fromMs).toISOString()} on`;
}
