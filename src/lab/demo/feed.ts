import type { Clock } from '../../ports/clock.js';
import type { NewRecord, Transport } from '../../ports/transport.js';
import { CeilingGauge, liveTraffic, type Ceiling, type SimulatedEvent } from '../simulate/index.js';

export interface Feed {
  /** Resolves when the traffic has ended; rejects with what the transport rejects with. */
  readonly ended: Promise<void>;
  /** How well the simulator's own click probabilities predict so far: the best any model could do. */
  readonly ceiling: () => Ceiling;
}

export interface FeedOptions {
  readonly seed: number;
  readonly impressionsPerSecond: number;
  readonly itemCount: number;
  readonly signal: AbortSignal;
}

/** Appends simulated traffic to the input topics as it happens, as a serving system would, until the signal. */
export function startFeed(transport: Pick<Transport, 'append'>, clock: Clock, options: FeedOptions): Feed {
  const gauge = new CeilingGauge();
  const { seed, impressionsPerSecond, ...rest } = options;
  const send = async (): Promise<void> => {
    for await (const batch of liveTraffic(seed, clock, impressionsPerSecond, rest)) {
      for (const event of batch) measure(event, gauge);
      await transport.append(batch.map(recordOf));
    }
  };
  return { ended: send(), ceiling: () => gauge.read() };
}

function recordOf({ kind, record }: SimulatedEvent): NewRecord {
  return { topic: kind, key: Buffer.from(record.sessionId), value: Buffer.from(JSON.stringify(record)) };
}

function measure(event: SimulatedEvent, gauge: CeilingGauge): void {
  if (event.kind !== 'impressions') return;
  event.clickProbabilities.forEach((probability, index) => gauge.add(probability, event.isClicked[index]!));
}
