import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RecordingLogger } from '../../../src/adapters/memory/index.js';
import { loadKey } from '../../../src/adapters/system/index.js';

let folder: string;
let logger: RecordingLogger;
const text = (key: Uint8Array) => Buffer.from(key).toString();
const load = (env: Record<string, string>, keyFile = join(folder, 'deep', 'key'), mayMake = true) =>
  loadKey({ keyEnv: 'KEY', keyFile, env, logger, mayMake });

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-key-'));
  logger = new RecordingLogger();
});
afterEach(() => rm(folder, { recursive: true }));

describe('the pseudonym key', () => {
  it('comes from the variable before the file', async () => {
    await writeFile(join(folder, 'key'), 'the key of the file');
    expect(text(await load({ KEY: 'the key of the variable' }, join(folder, 'key')))).toBe('the key of the variable');
    expect(text(await load({ KEY: '' }, join(folder, 'key')))).toBe('the key of the file');
  });

  it('is made where absent, for its owner alone, with a warning, and stays', async () => {
    const made = await load({});
    expect(text(made)).toMatch(/^[0-9a-f]{64}$/);
    expect((await stat(join(folder, 'deep', 'key'))).mode & 0o777).toBe(0o600);
    expect(logger.messages('warn')).toHaveLength(1);
    expect(await load({})).toEqual(made);
    expect(logger.messages('warn')).toHaveLength(1);
  });

  it('is never made where every instance needs the same one: a missing key is an error that names both places', async () => {
    const path = join(folder, 'deep', 'key');
    await expect(load({}, path, false)).rejects.toMatchObject({
      code: 'key-missing',
      details: { keyEnv: 'KEY', keyFile: path },
    });
    await expect(readdir(folder)).resolves.toEqual([]);
  });

  it('is the same key when the line of the file is moved into the variable', async () => {
    const made = await load({});
    expect(await load({ KEY: await readFile(join(folder, 'deep', 'key'), 'utf8') })).toEqual(made);
  });

  it('processes that start at once agree on it and leave nothing else behind', async () => {
    const keys = await Promise.all(Array.from({ length: 8 }, () => load({})));
    expect(new Set(keys.map(text)).size).toBe(1);
    expect(await readdir(join(folder, 'deep'))).toEqual(['key']);
  });

  it('is never logged', async () => {
    const made = await load({});
    expect(JSON.stringify(logger.lines)).not.toContain(text(made));
  });

  it('of less than 16 bytes is refused, without being repeated', async () => {
    await expect(load({ KEY: 'short-secret' })).rejects.toMatchObject({ code: 'config-invalid' });
    await expect(load({ KEY: 'short-secret' })).rejects.not.toThrow(/short-secret/);
  });

  it('that cannot be read names the file', async () => {
    await expect(load({}, folder)).rejects.toMatchObject({ code: 'file-unreadable', details: { path: folder } });
  });
});
