#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { systemClock } from './adapters/system/index.js';
import { runCommandLine } from './cli/program.js';
import { processShell } from './cli/shell.js';

// From 1.29 on, onnxruntime reports to its maker and keeps a log in the temporary folder, unless it is told not to before it
// is loaded, which the first verb that needs it does. A thread's own variables do not reach it: it must be said here.
process.env['ORT_DISABLE_TELEMETRY'] ??= '1';

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string;
};
const status = await runCommandLine(process.argv.slice(2), processShell(systemClock), version);
// Leave once stdout is empty, whatever sockets or threads a library still holds open.
process.stdout.write('', () => process.exit(status));
