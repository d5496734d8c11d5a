import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

const BUILT = join(import.meta.dirname, '../../dist/cli/signals.js');

/** A process that waits for signals as a verb does: built code, since Node cannot run the sources. */
async function start() {
  const script = `
    import { abortOnSignals } from ${JSON.stringify(BUILT)};
    const signal = abortOnSignals((text) => process.stdout.write(text + '\\n'));
    signal.addEventListener('abort', () => process.stdout.write('aborted\\n'));
    const alive = setInterval(() => {}, 1000);
    process.on('message', () => { clearInterval(alive); process.disconnect(); });
    process.send('ready');
  `;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  let text = '';
  child.stdout!.setEncoding('utf8').on('data', (part: string) => (text += part));
  await once(child, 'message');
  const said = async (words: string) => {
    while (!text.includes(words)) await once(child.stdout!, 'data');
  };
  return { child, said, aborted: () => said('aborted') };
}

describe('signals', () => {
  test('the code under test is built', () => {
    expect(existsSync(BUILT), 'run npm run build first').toBe(true);
  });

  test.each([
    ['SIGTERM', 143],
    ['SIGINT', 130],
  ] as const)('the first %s aborts and lets the process finish, the second ends it with %i', async (name, status) => {
    const { child, aborted } = await start();
    child.kill(name);
    await aborted();
    expect(child.exitCode).toBeNull();
    child.kill(name);
    expect(await once(child, 'exit')).toEqual([status, null]);
  });

  test('SIGHUP is said and changes nothing: neither an end nor an abort', async () => {
    const { child, said, aborted } = await start();
    child.kill('SIGHUP');
    await said('SIGHUP: ignored');
    expect(child.exitCode).toBeNull();
    child.kill('SIGTERM');
    await aborted();
    child.send('done');
    expect(await once(child, 'exit')).toEqual([0, null]);
  });

  test('a process that drains after the first signal ends with 0', async () => {
    const { child, aborted } = await start();
    child.kill('SIGTERM');
    await aborted();
    child.send('done');
    expect(await once(child, 'exit')).toEqual([0, null]);
  });
});
