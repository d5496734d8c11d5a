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

*For whoever types a command or writes one into a script.* The help of every verb, as \`sluice VERB --help\` prints it, without what many share; \`sluice\` stands for \`node dist/main.js\` in the checkout.

Results go to stdout and everything else to stderr, so \`sluice dump training > rows.ndjson\` writes rows only. Shared options:

- \`--config <file>\`: a config file (YAML); without one: defaults and \`SLUICE_…\` variables;
- \`--set <path=value>\`: sets one option, e.g. \`selection.budget=0.05\`; may be repeated;
- \`--log-level debug|info|warn|error\`, of every verb; \`debug\` shows stack traces;
- \`--version\` prints the version.

The exit codes of every verb mean the same:

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

/** The help with examples, without what is the same for every verb: the global options and what each status means. */
function helpOf(command: Command): string {
  let text = '';
  command.configureOutput({
    writeOut: (part) => (text += part),
    getOutHelpWidth: () => HELP_WIDTH,
    getOutHasColors: () => false,
  });
  command.outputHelp();
  return withoutCommonParts(text).trimEnd();
}

/** Of options that many verbs share the name is left, of exit codes the numbers: the head of the page says what they mean. */
function withoutCommonParts(help: string): string {
  const statuses = [...help.matchAll(/^ {2}(\d+) {2,}/gm)].map(([, status]) => status).join(' ');
  return help
    .replace(/^( {2}--(?:config <file>|set <path=value>)).*\n(?: {20,}.*\n)*/gm, '$1\n')
    .replace(/^ {2}-h, --help .*\n/m, '')
    .replace(/^Options:\n\n/m, '')
    .replace(/^Global Options:\n(?: .*\n)+\n?/m, '')
    .replace(/^Exit codes:\n(?: .*\n?)+/m, `Exit codes: ${statuses}\n`);
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
