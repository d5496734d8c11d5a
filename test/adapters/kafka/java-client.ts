import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { jars } from '../../../src/lab/broker/index.js';
import { brokers } from './fixture.js';

const run = promisify(execFile);
const SOURCE = join(import.meta.dirname, '..', '..', 'fixtures', 'batches', 'Client.java');

/** Runs Kafka's own client against the suite's brokers (see Client.java) and gives what it printed. */
export async function javaClient(verb: 'produce' | 'consume', ...topics: string[]): Promise<string> {
  const quiet = '-Dorg.slf4j.simpleLogger.defaultLogLevel=error';
  const classpath = join(await jars(), '*');
  const { stdout } = await run('java', ['-Xmx256m', quiet, '-cp', classpath, SOURCE, verb, brokers(), ...topics]);
  return stdout;
}
