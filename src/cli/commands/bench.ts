import { withHelp } from '../help.js';
import type { Verb } from '../verb.js';

/** `sluice bench`: throughput of fixed scenarios. */
export const benchVerb: Verb = (program, shell) => {
  const command = program
    .command('bench')
    .description('measure fixed scenarios end to end; one JSON line each on stdout')
    .argument('[scenario...]', 'ids of scenarios; none: all')
    .action(async (scenarios: string[]) => {
      const { runBench } = await import('../../app/bench.js');
      await runBench(scenarios, { out: shell.out, say: shell.say, signal: shell.signal, clock: shell.clock });
    });
  withHelp(command, { examples: ['sluice bench', 'npm run bench'], exitCodes: [3, 4] });
};
