import type { Command } from 'commander';
import { systemClock } from '../../adapters/system/index.js';
import { EXIT_CODES } from '../exit-codes.js';
import { createProgram } from '../program.js';
import type { Shell } from '../shell.js';
import { GENERATED, markdownTable, type Page } from './page.js';

/** Columns of the help text in the page, whatever the terminal of whoever generates it. */
const HELP_WIDTH = 100;

/** `docs/reference/cli.md`: the help of every verb as the program prints it. */
export function commandLinePage(): Page {
  const program = createProgram(silentShell(), '', () => {});
  const parts = leavesOf(program).map((command) => `## ${nameOf(command)}\n\n\`\`\`text\n${helpOf(command)}\n\`\`\``);
  const statuses = Object.entries(EXIT_CODES).map(([status, meaning]) => [status, meaning]);
  return {
    file: 'reference/cli.md',
    text: `# Command line
${GENERATED}

Data goes to stdout and everything else to stderr, so that \`sluice dump training > rows.ndjson\` is clean. The status is 0 only when all went well. \`--log-level debug\` before or after a verb shows stacks.

${markdownTable(['status', 'meaning'], statuses)}

${parts.join('\n\n')}
`,
  };
}

function leavesOf(command: Command): Command[] {
  return command.commands.length === 0 ? [command] : command.commands.flatMap(leavesOf);
}

function nameOf(command: Command): string {
  return command.parent === null ? command.name() : `${nameOf(command.parent)} ${command.name()}`;
}

/** The whole help, what `addHelpText` adds included. */
function helpOf(command: Command): string {
  let text = '';
  command.configureOutput({
    writeOut: (part) => (text += part),
    getOutHelpWidth: () => HELP_WIDTH,
    getOutHasColors: () => false,
  });
  command.outputHelp();
  return text.trimEnd();
}

function silentShell(): Shell {
  return {
    out: () => Promise.resolve(),
    say: () => {},
    isTerminal: false,
    stderr: process.stderr,
    env: {},
    clock: systemClock,
    signal: new AbortController().signal,
  };
}
