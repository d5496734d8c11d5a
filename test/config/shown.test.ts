import { describe, expect, it } from 'vitest';
import { liveChange } from '../../src/config/live.js';
import { listOptions } from '../../src/config/options.js';
import type { Config } from '../../src/config/schema.js';
import { HIDDEN_OPTIONS, shownConfig, shownValue } from '../../src/config/shown.js';
import { configRecord, sameConfig } from '../../src/pipeline/settings/shelf.js';
import { configOf } from '../pipeline/kit.js';

/** What must be seen nowhere. */
const SECRET = 'hunter2';
const OWNER = { application: 'app', partition: 0 };
/** A name of what would be a secret, were it the value itself. */
const SECRET_LIKE = /salt|secret|password|token|key|credential|command/i;
/** It names where the secret stands, or is none. */
const NAMES_A_PLACE = /(Env|Files?)$|^encoder\.(tokenizer|maxTokens)$/;

/** The config with every option that takes text or texts holding a secret: as an address, and where it is hidden as it is. */
function leaking(): Config {
  const config = structuredClone(configOf()) as unknown as Record<string, unknown>;
  for (const { path, kind } of listOptions()) {
    if (kind !== 'text' && kind !== 'texts') continue;
    const isHidden = (HIDDEN_OPTIONS as readonly string[]).includes(path);
    const text = isHidden ? SECRET : `http://user:${SECRET}@host`;
    let at = config;
    const steps = path.split('.');
    for (const name of steps.slice(0, -1)) at = (at[name] ??= {}) as Record<string, unknown>;
    at[steps.at(-1)!] = kind === 'texts' ? ['program', text] : text;
  }
  return config as unknown as Config;
}

const textOf = (config: Config): string => Buffer.from(configRecord(OWNER, shownConfig(config)).value!).toString();

describe('the config as others see it', () => {
  it('has no option whose value is a secret that is not hidden: secrets are named by their file or variable', () => {
    const open = listOptions()
      .map(({ path }) => path)
      .filter((path) => SECRET_LIKE.test(path.split('.').at(-1)!) && !NAMES_A_PLACE.test(path));
    expect(open.sort()).toEqual([...HIDDEN_OPTIONS].sort());
  });

  it('holds no salt, no word behind a program and no password of an address, recorded or told', () => {
    expect(JSON.stringify(leaking())).toContain(SECRET);
    expect(textOf(leaking())).not.toContain(SECRET);
    const paths = listOptions().map(({ path }) => path);
    expect(JSON.stringify(liveChange(configOf(), leaking(), paths).heldBack)).not.toContain(SECRET);
    for (const path of HIDDEN_OPTIONS) expect(JSON.stringify(shownValue(path, ['p', SECRET]))).not.toContain(SECRET);
  });

  it('tells one salt from another, and knows its own again', () => {
    const salted = (salt: string): Config => configOf({ selection: { ...configOf().selection, salt } });
    const kept = JSON.parse(textOf(salted('a'))) as unknown;
    expect(sameConfig(kept, shownConfig(salted('a')))).toBe(true);
    expect(sameConfig(kept, shownConfig(salted('b')))).toBe(false);
    expect(shownConfig(kept)).toEqual(kept);
  });

  it('of a release that recorded the salt is written again without it', () => {
    expect(sameConfig(JSON.parse(JSON.stringify(configOf())), shownConfig(configOf()))).toBe(false);
  });
});
