import { ERRORS, type ErrorClass, type ErrorCode, SluiceError } from '../../errors.js';
import { EXIT_CODES, exitCodeOf } from '../exit-codes.js';
import { code, GENERATED, markdownTable, type Page } from './page.js';

const CLASSES: readonly (readonly [ErrorClass, string])[] = [
  [
    'data',
    'The input can never succeed. It becomes a dead letter with this code and its bytes untouched; the stream goes on.',
  ],
  ['config', 'The operator must change something. The process refuses to start or ends.'],
  [
    'transient',
    'Retried within bounds; past them the process ends so that its supervisor restarts it. Nothing committed is lost.',
  ],
  ['bug', 'Ours. Please report it.'],
];

/** `docs/reference/errors.md`: every code with message and remedy. */
export function errorsPage(): Page {
  const parts = CLASSES.map(([name, meaning]) => {
    const entries = Object.entries(ERRORS).filter(([, entry]) => entry.class === name);
    const chapters = entries.map(
      ([errorCode, entry]) => `### ${errorCode}\n\n${quote(entry.message)}\n\n${entry.remedy}`,
    );
    const status = exitCodeOf(new SluiceError(entries[0]![0] as ErrorCode));
    return `## ${name}\n\n${meaning} Exit status of a command that ends with one: ${status}.\n\n${chapters.join('\n\n')}`;
  });
  const statuses = Object.entries(EXIT_CODES).map(([status, meaning]) => [status, meaning]);
  return {
    file: 'reference/errors.md',
    text: `# Errors
${GENERATED}

*For whoever has met an error code.* A code is the same everywhere: in the message of a command, as \`code\` label of \`sluice_errors_total\` and \`sluice_dead_letters_total\`, and in the header of a dead letter. Words in braces are filled in.

${parts.join('\n\n')}

## Exit statuses

${markdownTable(['status', 'meaning'], statuses)}
`,
  };
}

/** Line ends inside a message would break the quote. */
function quote(message: string): string {
  return `> ${code(message.replaceAll('\n', ' '))}`;
}
