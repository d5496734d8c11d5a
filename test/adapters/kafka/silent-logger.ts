import type { Logger } from '../../../src/ports/logger.js';

const write = (level: string) => (message: string, fields?: object) => {
  if (process.env['SLUICE_TEST_LOG']) process.stderr.write(`${level} ${message} ${JSON.stringify(fields ?? {})}\n`);
};

/** Says nothing unless SLUICE_TEST_LOG is set. */
export const silentLogger: Logger = {
  debug: process.env['SLUICE_TEST_LOG'] === 'debug' ? write('debug') : () => {},
  info: write('info'),
  warn: write('warn'),
  error: write('error'),
};
