import type { ChaosProof } from '../../app/chaos.js';
import { withHelp } from '../help.js';
import { positiveInteger, wholeNumber } from '../numbers.js';
import { textTable } from '../table.js';
import type { Verb } from '../verb.js';

interface Flags {
  readonly kills: number;
  readonly seed: number;
  readonly impressions: number;
}

/** `sluice chaos`: proof that a killed processor loses, doubles and changes nothing. */
export const chaosVerb: Verb = (program, shell, finish) => {
  const command = program
    .command('chaos')
    .description('kill the processor −9 again and again and prove that nothing is lost, doubled or different')
    .option('--kills <n>', 'how often', positiveInteger, 5)
    .option('--seed <s>', 'decides the events and the moments of the kills', wholeNumber, 1)
    .option('--impressions <n>', 'how many are simulated', positiveInteger, 12_000)
    .action(async ({ kills, seed, impressions }: Flags) => {
      const { runChaos } = await import('../../app/chaos.js');
      const proof = await runChaos({
        killCount: kills,
        seed,
        impressionCount: impressions,
        say: shell.say,
        signal: shell.signal,
        clock: shell.clock,
      });
      if (proof) await shell.out(proofText(proof));
      else shell.say('interrupted: nothing is proven');
      if (!proof?.holds) finish(1);
    });
  withHelp(command, {
    examples: ['sluice chaos', 'sluice chaos --kills 20 --seed 7', 'sluice chaos --impressions 100000 --kills 10'],
    exitCodes: [4],
  });
};

function proofText({ expected, found, topics, differingCounts, killCount, holds, elapsedMs }: ChaosProof): string {
  const counts = textTable(
    ['counts', 'unbroken', 'killed'],
    [
      ['impressions read', expected.impressions.read, found.impressions.read],
      ['impressions repeated', expected.impressions.duplicate, found.impressions.duplicate],
      ['interactions read', expected.interactions.read, found.interactions.read],
      ['interactions joined', expected.interactions.joined, found.interactions.joined],
      ['samples seen', expected.samples.seen, found.samples.seen],
      ['samples positive', expected.samples.positive, found.samples.positive],
    ],
  );
  const rows = textTable(
    ['rows', 'unbroken', 'killed', 'lost', 'extra', 'doubled', 'different'],
    topics.map((one) => [
      one.topic,
      one.expectedCount,
      one.foundCount,
      one.lostCount,
      one.extraCount,
      one.doubledCount,
      one.differentCount,
    ]),
  );
  const faults = [
    ...differingCounts,
    ...topics.flatMap(({ topic, differentFields }) => differentFields.map((name) => `${topic}.${name}`)),
  ];
  const verdict = holds
    ? 'nothing lost, nothing doubled, nothing different'
    : `NOT the same${faults.length > 0 ? `: ${faults.join(', ')}` : ''}`;
  const times = `killed −9 ${killCount} ${killCount === 1 ? 'time' : 'times'}`;
  return `${counts}\n${rows}\n${times} in ${(elapsedMs / 1000).toFixed(0)} s: ${verdict}\n`;
}
