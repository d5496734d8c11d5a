import { describe, expect, test } from 'vitest';
import { isDead, memberClientId, ownIdentity, type Proc } from '../../../src/adapters/kafka/identity.js';

/** A machine with some processes, by id: when each started. */
function machine(started: Readonly<Record<number, number>>, { boot = 'b-1', space = '4026531836' } = {}): Proc {
  return {
    file(path) {
      if (path.endsWith('boot_id')) return `${boot}\n`;
      const ticks = started[Number(/^\/proc\/(\d+)\/stat$/.exec(path)?.[1])];
      if (ticks === undefined) throw Object.assign(new Error('no such process'), { code: 'ENOENT' });
      const fields = Array.from({ length: 40 }, (_, at) => (at === 18 ? ticks : at));
      return `7 (a name) of (its) own) S ${fields.join(' ')}`;
    },
    link: () => `pid:[${space}]`,
  };
}

const APPLICATION = 'shop.sluice';
const before = machine({ 40: 1_000, 41: 1_100 });
const member = memberClientId(APPLICATION, ownIdentity(40, before));
const deadFor = (proc: Proc, application = APPLICATION, own = 41): boolean =>
  isDead(member, application, ownIdentity(own, proc)!, proc);

describe('a member of the group', () => {
  test('is dead when its process is gone', () => {
    expect(deadFor(machine({ 41: 1_100 }))).toBe(true);
  });

  test('is dead when another process has its id by now, even the one that asks', () => {
    expect(deadFor(machine({ 40: 2_000, 41: 1_100 }))).toBe(true);
    expect(deadFor(machine({ 40: 2_000 }), APPLICATION, 40)).toBe(true);
  });

  test('is not dead while it runs', () => {
    expect(deadFor(before)).toBe(false);
  });

  test.each([
    ['another boot or machine', machine({ 41: 1_100 }, { boot: 'b-2' })],
    ['another namespace', machine({ 41: 1_100 }, { space: '4026532000' })],
  ])('of %s is not known to be dead', (_name, proc) => {
    expect(deadFor(proc)).toBe(false);
  });

  test('that may not be looked at is not known to be dead', () => {
    const closed: Proc = {
      ...before,
      file: (path) => {
        if (path === '/proc/40/stat') throw Object.assign(new Error('forbidden'), { code: 'EACCES' });
        return before.file(path);
      },
    };
    expect(deadFor(closed)).toBe(false);
  });

  test('of another application, another client or an earlier release is left alone', () => {
    expect(deadFor(machine({ 41: 1_100 }), 'shop.other')).toBe(false);
    const own = ownIdentity(41, before)!;
    for (const clientId of [APPLICATION, `${APPLICATION}@`, `${APPLICATION}@1.2.3`, `${APPLICATION}@a.b.c.d.e`])
      expect(isDead(clientId, APPLICATION, own, before)).toBe(false);
  });

  test('has the application alone for a name where the system does not tell who it is', () => {
    const silent: Proc = { ...before, link: () => 'nothing' };
    expect(memberClientId(APPLICATION, ownIdentity(40, silent))).toBe(APPLICATION);
  });
});
