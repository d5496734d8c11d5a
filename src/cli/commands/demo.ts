import { withHelp } from '../help.js';
import type { Verb } from '../verb.js';

/** `sluice demo`: the whole story on simulated traffic. */
export const demoVerb: Verb = (program, shell) => {
  const command = program
    .command('demo')
    .description('simulate traffic, run the processor on it and show what was kept and what was lost')
    .action(async () => {
      const { runDemo } = await import('../../lab/demo.js');
      const terminal = shell.isTerminal ? shell.stderr : undefined;
      await runDemo({ out: shell.out, say: shell.say, signal: shell.signal, clock: shell.clock, terminal });
    });
  withHelp(command, { examples: ['sluice demo', 'npm start'], exitCodes: [3, 4] });
};
