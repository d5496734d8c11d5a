import { Command, CommanderError, Option } from 'commander';
import { messageOf, SluiceError } from '../errors.js';
import { VERB_GROUPS } from './commands/index.js';
import { type ExitCode, exitCodeOf } from './exit-codes.js';
import { errorReport } from './report-error.js';
import type { Shell } from './shell.js';
import { interruptionOf } from './signals.js';

/** The whole command line. Nothing heavy is loaded until a verb runs. */
export function createProgram(shell: Shell, version: string, finish: (status: ExitCode) => void): Command {
  const program = new Command('sluice')
    .description(
      'Joins impressions with interactions into labelled samples and keeps those that teach a model most, with the weights that keep training unbiased.',
    )
    .version(version)
    .addOption(
      new Option('--log-level <level>', 'least severe level that is logged; debug also shows stack traces').choices([
        'debug',
        'info',
        'warn',
        'error',
      ]),
    )
    .showHelpAfterError('(add --help for what is possible)')
    .showSuggestionAfterError()
    .configureHelp({ sortSubcommands: false, showGlobalOptions: true })
    .configureOutput({ writeErr: (text) => shell.say(text.replace(/\n$/, '')) })
    .exitOverride();
  for (const { heading, verbs } of VERB_GROUPS) {
    program.commandsGroup(heading);
    for (const verb of verbs) verb(program, shell, finish);
  }
  forEachCommand(program, (command) => command.copyInheritedSettings(program));
  return program;
}

/**
 * Runs one command line and gives the status to exit with. Never throws: whatever a verb throws is reported on stderr.
 * @param words what stands behind the program's name
 */
export async function runCommandLine(words: readonly string[], shell: Shell, version: string): Promise<ExitCode> {
  let status: ExitCode = 0;
  const program = createProgram(shell, version, (code) => {
    status = code;
  });
  try {
    await program.parseAsync(words, { from: 'user' });
    return status;
  } catch (thrown) {
    if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? 0 : 2;
    const interruption = interruptionOf(thrown);
    if (interruption) {
      shell.say(interruption.message);
      return interruption.status;
    }
    const isDebugging = program.opts<{ logLevel?: string }>().logLevel === 'debug';
    shell.say(errorReport(asTableError(thrown), isDebugging));
    return exitCodeOf(asTableError(thrown));
  }
}

/** Calls that only writing makes; who opens a file may do either. */
const WRITING = new Set([
  'mkdir',
  'mkdtemp',
  'rename',
  'write',
  'fsync',
  'ftruncate',
  'unlink',
  'rmdir',
  'rm',
  'chmod',
  'link',
]);
const NO_ROOM_TO_WRITE = new Set(['EROFS', 'ENOSPC', 'EDQUOT', 'EFBIG']);

/** What the file system refuses is the place's fault and not a bug, whoever met it. */
function asTableError(thrown: unknown): unknown {
  if (!(thrown instanceof Error)) return thrown;
  const { path, syscall, code = '' } = thrown as NodeJS.ErrnoException;
  if (syscall === undefined || (path === undefined && !NO_ROOM_TO_WRITE.has(code))) return thrown;
  const isWriting = WRITING.has(syscall) || NO_ROOM_TO_WRITE.has(code);
  const told = { path: path ?? 'a file', why: messageOf(thrown) };
  return new SluiceError(isWriting ? 'file-unwritable' : 'file-unreadable', told, { cause: thrown });
}

function forEachCommand(command: Command, visit: (command: Command) => void): void {
  for (const child of command.commands) {
    visit(child);
    forEachCommand(child, visit);
  }
}
