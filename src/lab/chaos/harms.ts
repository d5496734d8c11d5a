import type { Clock } from '../../ports/clock.js';
import type { Random } from '../../ports/random.js';
import type { ChaosCluster } from './cluster.js';
import type { Door } from './door.js';
import type { Fleet } from './fleet.js';
import { KAFKA_BORDER_HARMS, type KafkaBorder, type KafkaBorderHarm } from './kafka-border.js';
import { drawMoments, moments, shuffled } from './moments.js';

/** What is harmed. */
export interface HarmedWorld {
  readonly fleet: Fleet;
  readonly border: Pick<KafkaBorder, 'harm'>;
  readonly cluster: ChaosCluster;
  readonly clock: Clock;
  readonly random: Random;
  readonly signal: AbortSignal;
}

/** One thing done to the application or its brokers while events arrive. */
export interface Harm {
  readonly kind:
    'kill −9' | 'broker killed' | 'cut' | 'silence' | 'delay' | 'one by one' | 'all at once' | KafkaBorderHarm;
  /** The aimed moment, the broker, or what else tells it from others of its kind. */
  readonly at: string;
  /** @returns false when it fell elsewhere than at its moment */
  readonly act: (world: HarmedWorld) => Promise<boolean>;
}

/** Shares of harms beside the kills. */
const PER_KILL = { broker: 1 / 8, cut: 1 / 10, silence: 1 / 20, delay: 1 / 20, storm: 1 / 20, border: 1 / 20 };

/** Every harm of a proof, in a random order: as many kills, and the others in proportion. */
export function planHarms(
  killCount: number,
  topicPrefix: string,
  nodeCount: number,
  sessionTimeoutMs: number,
  random: Random,
): Harm[] {
  const many = (perKill: number, least: number, make: (n: number) => Harm): Harm[] =>
    Array.from({ length: Math.max(least, Math.round(killCount * perKill)) }, (_, n) => make(n));
  return shuffled(
    [
      ...drawMoments(moments(topicPrefix), killCount, random).map(killAt),
      ...many(PER_KILL.broker, 1, (n) => killBroker(n % nodeCount)),
      ...many(PER_KILL.cut, 1, cut),
      ...many(PER_KILL.silence, 0, () => silence(sessionTimeoutMs)),
      ...many(PER_KILL.delay, 0, delay),
      ...many(PER_KILL.storm, 0, oneByOne),
      ...many(PER_KILL.storm, 0, allAtOnce),
      ...KAFKA_BORDER_HARMS.flatMap((kind) => many(PER_KILL.border, 1, () => atBorder(kind))),
    ],
    random,
  );
}

function killAt(moment: ReturnType<typeof moments>[number]): Harm {
  return {
    kind: 'kill −9',
    at: moment.name,
    act: (world) => world.fleet.kill(anyOf(world.fleet.slots, world), moment),
  };
}

/** The coordinators and leaders on it move; it comes back with what it had, before another one may go. */
function killBroker(n: number): Harm {
  return {
    kind: 'broker killed',
    at: `broker ${n + 1}`,
    act: async ({ cluster, clock, random, signal }) => {
      await cluster.nodes[n]!.kill();
      await clock.sleep(1_000 + 3_000 * random(), signal);
      await cluster.nodes[n]!.start();
      return cluster.settled(signal);
    },
  };
}

/** Every second one to all brokers, the others to one of them. */
function cut(n: number): Harm {
  const isWhole = n % 2 === 0;
  return atDoors(
    'cut',
    isWhole,
    (door) => door.set('cut'),
    (random) => 300 + 3_000 * random(),
  );
}

/** Longer than a session: the group gives the partitions away while their owner still lives, and it is fenced. */
function silence(sessionTimeoutMs: number): Harm {
  return atDoors(
    'silence',
    true,
    (door) => door.set('silent'),
    (random) => sessionTimeoutMs * (1 + random()),
  );
}

function delay(n: number): Harm {
  const delayMs = 20 + 60 * (n % 3);
  return atDoors(
    'delay',
    true,
    (door) => (door.delayMs = delayMs),
    (random) => 2_000 + 4_000 * random(),
  );
}

function atDoors(
  kind: Harm['kind'],
  isWhole: boolean,
  harm: (door: Door) => void,
  lengthMs: (random: Random) => number,
): Harm {
  return {
    kind,
    at: isWhole ? 'every broker' : 'one broker',
    act: async (world) => {
      const all = world.cluster.doorsOf(anyOf(world.fleet.slots, world));
      const doors = isWhole ? all : [anyOf(all, world)];
      doors.forEach(harm);
      await world.clock.sleep(lengthMs(world.random), world.signal);
      for (const door of doors) {
        door.delayMs = 0;
        door.set('open');
      }
      return true;
    },
  };
}

function atBorder(kind: KafkaBorderHarm): Harm {
  return { kind, at: 'between commits', act: ({ border }) => border.harm(kind) };
}

function oneByOne(): Harm {
  return {
    kind: 'one by one',
    at: 'leave, then join',
    act: async ({ fleet, clock, random, signal }) => {
      for (const slot of shuffled(fleet.slots.slice(1), random)) await fleet.leave([slot]);
      for (const slot of shuffled(fleet.slots, random)) {
        fleet.start([slot]);
        await clock.sleep(1_000 * random(), signal);
      }
      return true;
    },
  };
}

function allAtOnce(): Harm {
  return {
    kind: 'all at once',
    at: 'leave, then join',
    act: async ({ fleet, clock, random, signal }) => {
      await fleet.leave();
      fleet.start();
      await clock.sleep(2_000 * random(), signal);
      return true;
    },
  };
}

function anyOf<T>(elements: readonly T[], { random }: HarmedWorld): T {
  return elements[Math.floor(random() * elements.length)]!;
}
