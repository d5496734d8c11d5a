#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { systemClock } from './adapters/system/index.js';
import { runCommandLine } from './cli/program.js';
import { processShell } from './cli/shell.js';

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string;
};
const status = await runCommandLine(process.argv.slice(2), processShell(systemClock), version);
// Leave once stdout is empty, whatever sockets or threads a library still holds open.
process.stdout.write('', () => process.exit(status));
