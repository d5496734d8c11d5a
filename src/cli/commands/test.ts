import { requireConfig } from '../../config/load.js';
import { messageOf } from '../../errors.js';
import { configSources, withConfigOptions } from '../config-options.js';
import { withHelp } from '../help.js';
import { counted } from '../numbers.js';
import type { Verb } from '../verb.js';

/** Lines of what a broken law found. */
const MOST_LINES = 8;

/** `sluice test`: cases of a team's own, and the laws on its plugins. */
export const testVerb: Verb = (program, shell, finish) => {
  const command = program
    .command('test')
    .description('run cases: events in, expected samples, late interactions and dead letters out; needs no broker')
    .argument('[file...]', 'YAML files of cases')
    .option(
      '--plugin <file>',
      "hold a plugin to the laws that Sluice's own parts are held to; may be repeated",
      (file: string, files: readonly string[]) => [...files, file],
      [],
    )
    .action(async (files: readonly string[], { plugin: plugins }: { readonly plugin: readonly string[] }) => {
      if (files.length + plugins.length === 0)
        command.error('error: name a file of cases, or a plugin with --plugin FILE', { exitCode: 2 });
      const { file: config, env, sets } = configSources(shell, command);
      const tally = { case: [0, 0], law: [0, 0] };
      const tell = async (kind: 'case' | 'law', name: string, differences: readonly string[]): Promise<void> => {
        const isHeld = differences.length === 0;
        tally[kind][isHeld ? 0 : 1]! += 1;
        await shell.out(`${isHeld ? 'ok    ' : 'FAILED'} ${name}\n`);
        for (const difference of differences) await shell.out(`       ${difference}\n`);
      };
      if (files.length > 0) {
        const { checkCases } = await import('../../app/cases/check-cases.js');
        for (const cases of files)
          for await (const { name, differences } of checkCases({ cases, env, sets, ...(config ? { config } : {}) }))
            await tell('case', name, differences);
      }
      if (plugins.length > 0) {
        const { pluginLaws } = await import('../../lab/laws/plugin-laws.js');
        const { run } = requireConfig(configSources(shell, command), shell.say);
        for (const plugin of plugins)
          for (const { name, check } of await pluginLaws(plugin, run.maxPluginCallMs))
            await tell('law', name, await faultsOf(check));
      }
      for (const kind of ['case', 'law'] as const) {
        const [held, failed] = tally[kind] as [number, number];
        if (held + failed > 0) shell.say(`${counted(held, kind)} held, ${failed} failed`);
        if (failed > 0) finish(1);
      }
    });
  command.addHelpText('after', '\nExit code 1 also says that a case or a law failed.');
  withHelp(withConfigOptions(command), {
    examples: [
      'sluice test cases.yaml --config sluice.yaml',
      'sluice test docs/examples/cases.yaml --set join.attributionWindowMs=60000',
      'sluice test --plugin mine.mjs',
    ],
  });
};

async function faultsOf(check: () => void | Promise<void>): Promise<readonly string[]> {
  try {
    await check();
    return [];
  } catch (thrown) {
    // An assertion shows both values, line by line.
    return messageOf(thrown)
      .split('\n')
      .filter((line) => line.trim() !== '')
      .slice(0, MOST_LINES);
  }
}
