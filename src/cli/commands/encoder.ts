import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { InvalidArgumentError, Option } from 'commander';
import type { Config } from '../../config/schema.js';
import type { EncoderCheck } from '../../lab/encoder-check/check-encoder.js';
import { PAIRS } from '../../lab/encoder-check/pairs.js';
import { settle, withConfigOptions } from '../config-options.js';
import { withHelp } from '../help.js';
import { textTable } from '../table.js';
import type { Verb } from '../verb.js';

interface Flags {
  readonly languages?: readonly string[];
  readonly format: 'json' | 'text';
}

/** `sluice encoder check`: does a text encoder read these languages? */
export const encoderVerb: Verb = (program, shell, finish) => {
  const encoder = program.command('encoder').description('look after text encoders');
  const check = encoder
    .command('check')
    .description(
      'try a text encoder on right and wrong pairs of texts in twelve languages, and print similarities, unknown tokens, speed, and whether a text has the same vector in every batch',
    )
    .argument('[model]', 'ONNX file, builtin-en or builtin-zh; default: encoder.model of the config')
    .option(
      '--languages <list>',
      `languages it is to read, separated by commas: ${Object.keys(PAIRS).join(', ')}; default: those a built-in encoder was made for, else all`,
      languageList,
    )
    .addOption(new Option('--format <format>', 'output format').choices(['json', 'text']).default('text'))
    .action(async (model: string | undefined, flags: Flags) => {
      const { config } = settle(shell, check);
      const { checkEncoder, languagesOf } = await import('../../lab/encoder-check/check-encoder.js');
      const settings = model === undefined ? config.encoder : withModel(config.encoder, model);
      const judged = flags.languages ?? languagesOf(settings.model);
      const found = await checkEncoder(settings, judged, shell.clock);
      await shell.out(flags.format === 'json' ? `${JSON.stringify(found, null, 2)}\n` : textOf(found));
      if (found.problems.length > 0) finish(3);
    });
  withHelp(withConfigOptions(check), {
    examples: [
      'sluice encoder check builtin-zh',
      'sluice encoder check /srv/models/multilingual-e5-small/onnx/model.onnx --languages de,fr --set encoder.prefix="query: "',
      'sluice encoder check --config sluice.yaml --format json',
    ],
    exitCodes: [3],
  });
};

/** The tokenizer of a file is looked for beside it and one folder up, where Hugging Face puts it. */
function withModel(encoder: Config['encoder'], model: string): Config['encoder'] {
  if (model.startsWith('builtin')) return { ...encoder, model, tokenizer: 'builtin' };
  const folder = dirname(model);
  const places = [join(folder, 'tokenizer.json'), join(folder, '..', 'tokenizer.json')];
  const tokenizer = encoder.tokenizer === 'builtin' ? places.find((place) => existsSync(place)) : encoder.tokenizer;
  return { ...encoder, model, tokenizer: tokenizer ?? places[0]! };
}

function languageList(text: string): readonly string[] {
  const names = text.split(',').map((name) => name.trim());
  const unknown = names.filter((name) => !Object.hasOwn(PAIRS, name));
  if (unknown.length > 0) throw new InvalidArgumentError(`no pairs of ${unknown.join(', ')}.`);
  return names;
}

function textOf({ model, encoderId, dimensions, languages, problems, ...rest }: EncoderCheck): string {
  const { textsPerSecond, threads, batchDifference } = rest;
  const twoDigits = (value: number): string => value.toFixed(2);
  const pairs = languages.flatMap(({ language, pairs: of }) =>
    of.map((pair) => [
      language,
      pair.text,
      twoDigits(pair.rightSimilarity),
      pair.right,
      twoDigits(pair.wrongSimilarity),
      pair.wrong,
      pair.rightSimilarity > pair.wrongSimilarity ? '' : 'wrong above right',
    ]),
  );
  const summary = languages.map(({ language, pairs: of, rightCount, unknownFraction, isJudged }) => [
    language,
    `${rightCount} of ${of.length}`,
    `${(100 * unknownFraction).toFixed(1)} %`,
    isJudged ? 'yes' : 'no',
  ]);
  return [
    textTable(['language', 'text', 'right', 'pair', 'wrong', 'pair', ''], pairs),
    '\n',
    textTable(['language', 'right above wrong', 'unknown tokens', 'judged'], summary),
    `\n${model}: ${dimensions} dimensions, id ${encoderId}\n`,
    `${textsPerSecond.toFixed(0)} texts/s with ${threads} threads\n`,
    batchDifference === 0
      ? 'a text has the same vector alone and in a batch, to the bit\n'
      : `a text differs between alone and in a batch by up to ${batchDifference.toExponential(1)}\n`,
    ...problems.map((problem) => `problem: ${problem}\n`),
    problems.length === 0 ? 'the encoder reads what it is judged by\n' : '',
  ].join('');
}
