import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { env, pid } from 'node:process';
import { promisify } from 'node:util';
import { messageOf } from '../../errors.js';

const run = promisify(execFile);
const KAFKA_VERSION = '4.1.1';
const SLF4J_VERSION = '1.7.36';

/** Folder with Kafka's jars (43 MB), fetched by Maven when absent: `KAFKA_JARS`, or one in the user's cache. */
export async function jars(): Promise<string> {
  const cache = resolve(env['KAFKA_JARS'] ?? join(homedir(), '.cache', 'sluice', `kafka-${KAFKA_VERSION}`));
  if (existsSync(join(cache, `kafka_2.13-${KAFKA_VERSION}.jar`))) return cache;
  const work = `${cache}.${pid}`;
  const pom = join(work, 'pom.xml');
  mkdirSync(work, { recursive: true });
  writeFileSync(pom, projectOfJars());
  const goal = ['dependency:copy-dependencies', `-DoutputDirectory=${work}`, '-DincludeScope=runtime'];
  try {
    await run('mvn', ['-q', '-B', '-f', pom, ...goal]);
  } catch (error) {
    rmSync(work, { recursive: true, force: true });
    throw new Error(`Maven could not fetch Kafka ${KAFKA_VERSION}: ${outputOf(error)}`, { cause: error });
  }
  // Another run may have been first: its jars are as good.
  if (existsSync(cache)) rmSync(work, { recursive: true, force: true });
  else renameSync(work, cache);
  return cache;
}

/** What a program that failed printed, else what the failure says. */
export function outputOf(error: unknown): string {
  const { stderr, stdout } = error as { readonly stderr?: string; readonly stdout?: string };
  return stderr || stdout || messageOf(error);
}

function projectOfJars(): string {
  const dependency = (group: string, artifact: string, version: string) =>
    `<dependency><groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${version}</version></dependency>`;
  const dependencies = [
    dependency('org.apache.kafka', 'kafka_2.13', KAFKA_VERSION),
    dependency('org.slf4j', 'slf4j-simple', SLF4J_VERSION),
  ];
  const own = '<groupId>sluice</groupId><artifactId>kafka-jars</artifactId><version>1</version>';
  return `<project><modelVersion>4.0.0</modelVersion>${own}<dependencies>${dependencies.join('')}</dependencies></project>`;
}
