import { configSources, withConfigOptions } from '../config-options.js';
import { withHelp } from '../help.js';
import { counted } from '../numbers.js';
import type { Verb } from '../verb.js';

/** `sluice test`: cases of a team's own. */
export const testVerb: Verb = (program, shell, finish) => {
  const command = program
    .command('test')
    .description('run cases: events in, expected samples, late interactions and dead letters out; needs no broker')
    .argument('<file...>', 'YAML files of cases')
    .action(async (files: readonly string[]) => {
      const { checkCases } = await import('../../app/cases/check-cases.js');
      const { file: config, env, sets } = configSources(shell, command);
      let [held, failed] = [0, 0];
      for (const cases of files)
        for await (const { name, differences } of checkCases({ cases, env, sets, ...(config ? { config } : {}) })) {
          if (differences.length === 0) held++;
          else failed++;
          await shell.out(`${differences.length === 0 ? 'ok    ' : 'FAILED'} ${name}\n`);
          for (const difference of differences) await shell.out(`       ${difference}\n`);
        }
      shell.say(`${counted(held, 'case')} held, ${failed} failed`);
      if (failed > 0) finish(1);
    });
  command.addHelpText('after', '\nExit code 1 also says that a case failed.');
  withHelp(withConfigOptions(command), {
    examples: [
      'sluice test cases.yaml --config sluice.yaml',
      'sluice test docs/examples/cases.yaml --set join.attributionWindowMs=60000',
    ],
  });
};
