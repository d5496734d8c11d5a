import { Argument } from 'commander';
import { completionScript, SHELLS, type ShellName } from '../completion.js';
import { withHelp } from '../help.js';
import type { Verb } from '../verb.js';

/** `sluice completion`: verbs and options on the tab key. */
export const completionVerb: Verb = (program, shell) => {
  const command = program
    .command('completion')
    .description('print a script that completes verbs, options and their values in a shell')
    .addArgument(new Argument('<shell>', 'which shell').choices(SHELLS))
    .action((name: ShellName) => shell.out(completionScript(program, name)));
  withHelp(command, {
    examples: [
      'sluice completion bash > /etc/bash_completion.d/sluice',
      'sluice completion zsh > ~/.zsh/completions/_sluice',
      'sluice completion fish > ~/.config/fish/completions/sluice.fish',
    ],
  });
};
