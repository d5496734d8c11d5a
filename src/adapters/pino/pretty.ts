import { Writable } from 'node:stream';

interface PinoLine {
  readonly time: string;
  readonly level: string;
  readonly msg?: string;
  readonly [field: string]: unknown;
}

/** Rewrites pino's JSON lines for people: `12:00:01.250 WARN message key=value …`, stacks on lines of their own. */
export function prettyStream(out: NodeJS.WritableStream): Writable {
  return new Writable({
    decodeStrings: false,
    write(chunk: string | Buffer, _encoding, done) {
      for (const line of String(chunk).split('\n')) if (line) out.write(prettyLine(line));
      done();
    },
  });
}

/** One log line for people; text that is not one of pino's lines comes back as it is. */
function prettyLine(json: string): string {
  let line: PinoLine;
  try {
    line = JSON.parse(json) as PinoLine;
  } catch {
    return `${json}\n`;
  }
  const { time, level, msg = '', ...fields } = line;
  const stacks: string[] = [];
  const shown = Object.entries(fields).map(([name, value]) => {
    if (isError(value)) {
      if (value.stack) stacks.push(value.stack);
      return `${name}=${JSON.stringify(value.message)}`;
    }
    return `${name}=${typeof value === 'string' && /^[^\s"=]+$/.test(value) ? value : JSON.stringify(value)}`;
  });
  const head = [time.slice(11, 23), level.toUpperCase().padEnd(5), msg, ...shown].join(' ');
  return [head, ...stacks.map((stack) => stack.replace(/^/gm, '    '))].join('\n') + '\n';
}

function isError(value: unknown): value is { message: string; stack?: string } {
  return typeof value === 'object' && value !== null && 'message' in value && 'type' in value;
}
