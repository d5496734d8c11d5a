/** Fetches the peers into the user's cache, once for each set of versions: from PyPI by pip, from Maven by mvn. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const CACHE = join(homedir(), '.cache', 'sluice');
const here = (name) => join(import.meta.dirname, name);
const versionOf = (name) =>
  createHash('sha256')
    .update(readFileSync(here(name)))
    .digest('hex')
    .slice(0, 12);

/** A Python with what requirements.txt says. @throws with pip's words when it cannot be had */
export async function python() {
  const home = join(CACHE, `peers-python-${versionOf('requirements.txt')}`);
  const marker = join(home, 'complete');
  if (!existsSync(marker)) {
    rmSync(home, { recursive: true, force: true });
    mkdirSync(CACHE, { recursive: true });
    await run(process.env.SLUICE_PYTHON ?? 'python3', ['-m', 'venv', home]);
    await run(join(home, 'bin', 'pip'), [
      'install',
      '--quiet',
      '--disable-pip-version-check',
      '-r',
      here('requirements.txt'),
    ]);
    mkdirSync(marker);
  }
  return join(home, 'bin', 'python');
}

/** Folder with the jars that pom.xml names. @throws with Maven's words when they cannot be had */
export async function jars() {
  const home = join(CACHE, `peers-jars-${versionOf('pom.xml')}`);
  if (!existsSync(home)) {
    const work = `${home}.${process.pid}`;
    const goal = ['dependency:copy-dependencies', `-DoutputDirectory=${work}`, '-DincludeScope=runtime'];
    await run('mvn', ['-q', '-B', '-f', here('pom.xml'), ...goal]);
    if (existsSync(home)) rmSync(work, { recursive: true, force: true });
    else renameSync(work, home);
  }
  return home;
}
