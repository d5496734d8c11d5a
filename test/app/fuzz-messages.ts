import { createCodecs } from '../../src/adapters/avro/index.js';
import { silentLogger } from '../../src/adapters/memory/index.js';
import { seededRandom, systemClock } from '../../src/adapters/system/index.js';
import type { Config } from '../../src/config/schema.js';
import type { ImpressionList, Interaction } from '../../src/events/words.js';
import type { Clock } from '../../src/ports/clock.js';
import type { InputName, NewRecord } from '../../src/ports/transport.js';

type Random = () => number;
type Tree = Record<string, unknown>;

/** Makes one message of anything. */
export type Fuzzer = (n: number, input: InputName) => Uint8Array | null;

const utf8 = new TextEncoder();

/** A sound list and a sound click on it, which must come through whatever stands between them. */
export function soundList(n: number, timeMs: number): ImpressionList {
  return {
    requestId: `sound${n}`,
    eventTimeMs: timeMs,
    surface: 'SEARCH',
    sessionId: `s${n % 97}`,
    query: 'a hotel',
    context: { device: 'mobile' },
    items: [
      { itemId: `i${n % 50}`, position: 1, title: 'A room', price: 10 },
      { itemId: 'other', position: 2 },
    ],
  };
}

export function soundClick(n: number, timeMs: number): Interaction {
  return {
    interactionId: `click${n}`,
    eventTimeMs: timeMs,
    type: 'CLICK',
    sessionId: `s${n % 97}`,
    itemId: `i${n % 50}`,
    requestId: `sound${n}`,
  };
}

/** Values that no field expects; `large` ones are rare in the mix. */
const ODD: readonly unknown[] = [
  null,
  true,
  '',
  ' ',
  0,
  -0,
  -1,
  1.5,
  1e308,
  -1e308,
  5e-324,
  2 ** 53,
  -(2 ** 53),
  1e18,
  1e300,
  1e10,
  -1e13,
  [],
  {},
  [null],
  [[]],
  'SEARCH',
  'CLICK',
  'NONE',
  '\ud800',
  'x\udfff\ud83d',
  '\u0000',
  '\ufeff',
  'é'.repeat(40),
  '&#x110000;&#xd800;&amp;<b',
  '<'.repeat(300),
  { toString: 1 },
  { valueOf: null, toString: null },
  { constructor: 'x' },
  { length: 1e9 },
  'NaN',
  'Infinity',
  '#',
  '#1',
  '__proto__',
];
/** The same as text for keys and headers. */
const ODD_TEXTS = ODD.map((one) => (typeof one === 'string' ? one.toWellFormed() : JSON.stringify(one)));
const LARGE: readonly ((random: Random) => unknown)[] = [
  () => 'title '.repeat(170_000),
  () => '\ud83d'.repeat(20_000),
  () => Array.from({ length: 1_500 }, (_, i) => ({ itemId: `x${i}`, position: i + 1 })),
  () => Array.from({ length: 20_000 }, () => null),
  () => Object.fromEntries(Array.from({ length: 5_000 }, (_, i) => [`k${i}`, `v${i}`])),
  () => ({ device: 'd'.repeat(500_000) }),
  () => 'x'.repeat(5_000_000),
];
const NAMES = [
  '__proto__',
  'constructor',
  'toString',
  'valueOf',
  'hasOwnProperty',
  'then',
  '',
  '\ud800',
  'length',
  'items',
  'context',
  'eventTimeMs',
];

/** One of them of its own: a later change may go into it. */
function oddValue(random: Random): unknown {
  return structuredClone(ODD[Math.floor(random() * ODD.length)]);
}

/** Changes some places of a record to something odd. */
function mutated(record: Tree, random: Random): Tree {
  const copy = structuredClone(record);
  for (let changes = 1 + Math.floor(random() * 3); changes > 0; changes--) {
    let at: Tree = copy;
    for (;;) {
      const names = Object.keys(at);
      const name = names[Math.floor(random() * names.length)];
      if (name === undefined) break;
      const inner = at[name];
      if (typeof inner === 'object' && inner !== null && random() < 0.7) {
        at = inner as Tree;
        continue;
      }
      const kind = random();
      if (kind < 0.2) delete at[name];
      else if (kind < 0.3 && !Array.isArray(at))
        Object.defineProperty(at, NAMES[Math.floor(random() * NAMES.length)]!, {
          value: oddValue(random),
          enumerable: true,
          configurable: true,
          writable: true,
        });
      else at[name] = random() < 0.002 ? LARGE[Math.floor(random() * LARGE.length)]!(random) : oddValue(random);
      break;
    }
  }
  return copy;
}

function randomBytes(random: Random, length: number): Uint8Array {
  return Uint8Array.from({ length }, () => Math.floor(random() * 256));
}

/** Bytes with something cut off, turned, put in or repeated. */
function damaged(bytes: Uint8Array, random: Random): Uint8Array {
  const kind = random();
  const at = Math.floor(random() * bytes.length);
  if (kind < 0.4) return bytes.slice(0, at);
  if (kind < 0.7) {
    const turned = bytes.slice();
    for (let i = 1 + Math.floor(random() * 4); i > 0; i--)
      turned[Math.floor(random() * turned.length)] = Math.floor(random() * 256);
    return turned;
  }
  if (kind < 0.85)
    return Buffer.concat([
      bytes.subarray(0, at),
      randomBytes(random, 1 + Math.floor(random() * 12)),
      bytes.subarray(at),
    ]);
  // Varints of the largest kind: lengths and counts beyond anything.
  if (kind < 0.95)
    return Buffer.concat([
      bytes.subarray(0, at),
      Uint8Array.of(0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01),
      bytes.subarray(at),
    ]);
  return Buffer.concat([bytes, bytes]);
}

const nested = (depth: number, open: string, close: string, core: string): string =>
  open.repeat(depth) + core + close.repeat(depth);

/** JSON text that is no record, or one that nobody should have written. */
function oddJson(text: string, random: Random): string {
  const depth = random() < 0.02 ? 100_000 : 1 + Math.floor(random() * 300);
  const odd = [
    () => 'null',
    () => '[]',
    () => '17',
    () => '"text"',
    () => nested(depth, '[', ']', ''),
    () => nested(depth, '{"a":', '}', '1'),
    () => text.replace(/"surface":"[^"]*"/, `"surface":${nested(depth, '[', ']', '')}`),
    () => text.replace(/"eventTimeMs":\d+/, '"eventTimeMs":1e999'),
    () => text.replace(/"eventTimeMs":\d+/, `"eventTimeMs":-${'9'.repeat(400)}`),
    () => text.replace('{', '{"__proto__":{"items":[]},'),
    () => text.replace('{', `{"context":${nested(depth, '{"a":', '}', '1')},`),
    () => text.replace('}', ',"extra":"\\ud800\\udc00\\ud800"}'),
    () => `${text}${text}`,
    () => `\ufeff${text}`,
    () => text.replaceAll('"', "'"),
    () => text.replace(/"sessionId":"[^"]*"/, `"sessionId":"${'s'.repeat(3_000)}"`),
  ];
  return odd[Math.floor(random() * odd.length)]!();
}

/** A fuzzer of JSON messages. `timeMs` gives the event time of what is nearly sound. */
export function jsonFuzzer(seed: number, timeMs: (n: number) => number): Fuzzer {
  const random = seededRandom(seed);
  return (n, input) => {
    const record = (input === 'impressions'
      ? { ...soundList(n, timeMs(n)), requestId: `odd${n}` }
      : { ...soundClick(n, timeMs(n)), interactionId: `odd${n}` }) as unknown as Tree;
    const kind = random();
    if (kind < 0.01) return null;
    if (kind < 0.03) return new Uint8Array(0);
    if (kind < 0.13) return randomBytes(random, Math.floor(random() ** 3 * 2_000));
    if (kind < 0.65) return utf8.encode(JSON.stringify(mutated(record, random)));
    if (kind < 0.85) return damaged(utf8.encode(JSON.stringify(record)), random);
    return utf8.encode(oddJson(JSON.stringify(record), random));
  };
}

/** A fuzzer of Avro messages; framed ones name schemas that exist, exist for another topic, or do not exist. */
export function avroFuzzer(
  seed: number,
  config: Config,
  timeMs: (n: number) => number,
  schemaIds: readonly number[],
): Fuzzer {
  const random = seededRandom(seed);
  const isFramed = schemaIds.length > 0;
  const codecs = createCodecs({
    wire: { ...config.wire, inputFormat: 'avro' },
    topics: config.topics,
    clock: systemClock,
    logger: silentLogger,
  });
  const frame = (id: number, body: Uint8Array): Uint8Array =>
    Buffer.concat([Uint8Array.of(random() < 0.02 ? 1 : 0, id >>> 24, id >>> 16, id >>> 8, id), body]);
  return (n, input) => {
    const kind = random();
    if (kind < 0.01) return null;
    if (kind < 0.06) return randomBytes(random, Math.floor(random() ** 3 * 2_000));
    const list = { ...soundList(n, ODD_TIMES[Math.floor(random() * 20)] ?? timeMs(n)), requestId: `odd${n}` };
    const click = {
      ...soundClick(n, ODD_TIMES[Math.floor(random() * 20)] ?? timeMs(n)),
      interactionId: `odd${n}`,
      value: random() < 0.1 ? NaN : null,
    };
    const bytes = input === 'impressions' ? codecs.impressions.encode(list) : codecs.interactions.encode(click);
    const body = kind < 0.85 ? damaged(bytes, random) : bytes;
    if (!isFramed) return body;
    const id = random() < 0.9 ? schemaIds[Math.floor(random() * schemaIds.length)]! : 1_000 + Math.floor(random() * 30);
    return random() < 0.03 ? frame(id, body).subarray(0, Math.floor(random() * 7)) : frame(id, body);
  };
}

const ODD_TIMES = [0, -1, -1e15, 1, 9e15, 1e12, 1 - 2 ** 53];

const HEADER_NAMES = [
  'sluice.code',
  'sluice.place',
  'sluice.checkpointId',
  'traceparent',
  '',
  '\u0000',
  '__proto__',
  'é',
];

/** Puts messages into records with any key and headers: those that others write for themselves, and those that mean something to us. */
export function framing(seed: number): (topic: InputName, value: Uint8Array | null) => NewRecord {
  const random = seededRandom(seed);
  const odd = (): string =>
    random() < 0.005 ? 'h'.repeat(200_000) : ODD_TEXTS[Math.floor(random() * ODD_TEXTS.length)]!;
  return (topic, value) => {
    const kind = random();
    const key =
      kind < 0.4
        ? null
        : kind < 0.5
          ? new Uint8Array(0)
          : kind < 0.505
            ? randomBytes(random, 100_000)
            : kind < 0.8
              ? randomBytes(random, Math.floor(random() * 40))
              : utf8.encode(odd());
    if (random() < 0.6) return { topic, key, value, partition: 0 };
    const names = Array.from({ length: Math.floor(random() * 4) }, () =>
      random() < 0.7 ? HEADER_NAMES[Math.floor(random() * HEADER_NAMES.length)]! : odd().slice(0, 200),
    );
    return { topic, key, value, partition: 0, headers: Object.fromEntries(names.map((name) => [name, odd()])) };
  };
}

/** A clock of records that on demand stands at 0, in the past, or far ahead: timestamps are the producer's word. */
export class WildClock implements Clock {
  isWild = false;
  private readonly random: Random;

  constructor(seed: number) {
    this.random = seededRandom(seed);
  }

  nowMs(): number {
    return this.isWild && this.random() < 0.2
      ? WILD_TIMES[Math.floor(this.random() * WILD_TIMES.length)]!
      : systemClock.nowMs();
  }

  monotonicMs(): number {
    return systemClock.monotonicMs();
  }

  sleep(ms: number, signal?: AbortSignal): Promise<boolean> {
    return systemClock.sleep(ms, signal);
  }
}

const WILD_TIMES = [0, 1, -1, 1e12, 4e12, 2 ** 53 - 1];
