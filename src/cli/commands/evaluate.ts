import { InvalidArgumentError, Option } from 'commander';
import { isOwnName } from '../../events/own-name.js';
import { LEARNER_NAMES, type LearnerName } from '../../learn/learners/index.js';
import { settle, withConfigOptions } from '../config-options.js';
import { withHelp } from '../help.js';
import { fractionOf, positiveInteger } from '../numbers.js';
import { type Meter, meters } from '../progress.js';
import { openSink } from '../sink.js';
import { textTable } from '../table.js';
import type { Verb } from '../verb.js';
import type { EvaluationRun } from '../../lab/evaluate/evaluate.js';

interface Flags {
  readonly events?: string;
  readonly out: string;
  readonly budgets: readonly number[];
  readonly policies?: readonly string[];
  readonly encoders?: readonly string[];
  readonly salts: number;
  readonly consumers: readonly LearnerName[];
  readonly trainFraction: number;
  readonly threads: number;
  readonly format: 'json' | 'text';
}

/** `sluice evaluate`: what each policy costs at each budget, on your own data. */
export const evaluateVerb: Verb = (program, shell) => {
  const command = program
    .command('evaluate')
    .description(
      'compare scorers and budgets on your own data: train a model on what each keeps, judge it on all later samples; writes report.html and report.json',
    )
    .option('--events <dir>', 'folder of event files; without it: the input topics of the config, as they are now')
    .option(
      '--out <dir>',
      'work folder: the joined stream, results so far (a stopped evaluation continues) and reports',
      'sluice-evaluation',
    )
    .option(
      '--budgets <list>',
      'budgets to compare, separated by commas',
      listOf(budgetOf),
      [0.01, 0.02, 0.05, 0.1, 0.2, 0.5],
    )
    .option(
      '--policies <list>',
      'scorers to compare, separated by commas; default: all that differ under the config (`committee-loss` and `disagreement` need a committee)',
      listOf(String),
    )
    .option(
      '--encoders <list>',
      'text encoders to compare on the same samples, separated by commas: builtin-en, builtin-zh, an ONNX file with tokenizer.json beside it, or a folder with both; without --policies on everything alone',
      listOf(String),
    )
    .option('--salts <n>', 'how many times each is repeated, with another salt', positiveInteger, 3)
    .option(
      '--consumers <list>',
      `models to train on what was kept, separated by commas: ${LEARNER_NAMES.join(', ')}`,
      listOf(learnerOf),
      ['boosting', 'linear'] as LearnerName[],
    )
    .option(
      '--train-fraction <share>',
      'share of the samples, from the oldest, to train on; the rest is the test',
      fractionOf,
      0.667,
    )
    .option('--threads <n>', 'models fitted at the same time', positiveInteger, 2)
    .addOption(
      new Option('--format <format>', 'format of the result on stdout').choices(['json', 'text']).default('text'),
    )
    .action(async (flags: Flags) => {
      const { config, logger } = settle(shell, command);
      const [
        { evaluateStream },
        { POLICIES, sensiblePolicies },
        { reportHtml },
        { resultRows, RESULT_HEAD },
        { reliabilityRows, RELIABILITY_HEAD, shownBudget },
      ] = await Promise.all([
        import('../../lab/evaluate/evaluate.js'),
        import('../../lab/evaluate/policies.js'),
        import('../../lab/evaluate/report-html.js'),
        import('../../lab/evaluate/result-rows.js'),
        import('../../lab/evaluate/reliability.js'),
      ]);
      const names = POLICIES.map(({ name }) => name);
      const unknown = flags.policies?.find((name) => !names.includes(name) && !isOwnName(name));
      if (unknown !== undefined)
        command.error(`error: unknown policy '${unknown}'. Known: ${names.join(', ')}.`, { exitCode: 2 });
      const { budgets, consumers, trainFraction, threads } = flags;
      const salts = Array.from({ length: flags.salts }, (_, i) => `evaluate-${i + 1}`);
      const plan = {
        budgets,
        consumers,
        trainFraction,
        threads,
        salts,
        policies: flags.policies ?? (flags.encoders ? [] : sensiblePolicies(config)),
      };
      const begin = await meters(shell);
      let meter: { readonly phase: string; readonly meter: Meter } | undefined;
      try {
        const run: EvaluationRun = {
          config,
          eventsDir: flags.events,
          workDir: flags.out,
          plan,
          clock: shell.clock,
          logger,
          signal: shell.signal,
          onProgress: (phase, doneCount, fraction) => {
            if (meter?.phase !== phase) {
              meter?.meter.stop();
              meter = {
                phase,
                meter: begin(`evaluate: ${phase}`, phase === 'cells' ? 'cells' : 'samples'),
              };
            }
            meter.meter.update(doneCount, fraction);
          },
        };
        if (flags.encoders) {
          const { compareEncoders, encoderNamed, encoderRows, ENCODER_HEAD } =
            await import('../../lab/evaluate/encoders.js');
          const reports = await compareEncoders(
            run,
            flags.encoders.map((name) => encoderNamed(name, config.encoder)),
          );
          meter?.meter.stop();
          const json = `${JSON.stringify({ encoders: reports }, null, 1)}\n`;
          await openSink(shell, `${flags.out}/encoders.json`).use((write) => write(json));
          await shell.out(flags.format === 'json' ? json : textTable(ENCODER_HEAD, encoderRows(reports)));
          shell.say(`${flags.out}/encoders.json written`);
          return;
        }
        const report = await evaluateStream(run);
        meter?.meter.stop();
        const json = `${JSON.stringify(report, null, 1)}\n`;
        await openSink(shell, `${flags.out}/report.json`).use((write) => write(json));
        await openSink(shell, `${flags.out}/report.html`).use((write) => write(reportHtml(report)));
        if (flags.format === 'json') await shell.out(json);
        else {
          await shell.out(textTable(RESULT_HEAD, resultRows(report)));
          await shell.out(`\npredicted → happened, at ${(shownBudget(plan) * 100).toFixed(0)} % kept\n`);
          await shell.out(textTable(RELIABILITY_HEAD, reliabilityRows(report)));
        }
        shell.say(`${flags.out}/report.html and report.json written`);
      } finally {
        meter?.meter.stop();
      }
    });
  withHelp(withConfigOptions(command), {
    examples: [
      'sluice evaluate --events ./events --config sluice.yaml',
      'sluice evaluate --events ./events --budgets 0.05,0.1 --policies uniform,surprise --salts 1',
      'sluice evaluate --events ./events --encoders builtin-en,./tuned --set features.text.item=384',
      'sluice evaluate --config sluice.yaml --set retrain.boosting.members=5 --format json > result.json',
    ],
    exitCodes: [3, 4, 130, 143],
  });
};

function listOf<T>(read: (text: string) => T): (text: string) => T[] {
  return (text) => text.split(',').map((part) => read(part.trim()));
}

function budgetOf(text: string): number {
  const budget = Number(text);
  if (!(budget > 0 && budget < 1)) throw new InvalidArgumentError('Expected shares above 0 and below 1.');
  return budget;
}

function learnerOf(text: string): LearnerName {
  const learner = LEARNER_NAMES.find((one) => one === text);
  if (learner === undefined) throw new InvalidArgumentError(`Expected some of ${LEARNER_NAMES.join(', ')}.`);
  return learner;
}
