import { existsSync } from 'node:fs';
import { join } from 'node:path';
import {
  openEventWriter,
  openLineWriter,
  refuseHeldEvents,
  type LineWriter,
} from '../../adapters/event-files/index.js';
import { impressionIdOf } from '../../events/impression-id.js';
import type { Surface } from '../../events/words.js';
import { INPUTS } from '../../ports/transport.js';
import { CeilingGauge, type Ceilings } from './bayes.js';
import { disturb, type Disturbance } from './disturb.js';
import { simulate, type SimulatedEvent, type TrafficOptions } from './traffic.js';

export interface SimulateToFilesOptions extends TrafficOptions, Disturbance {
  readonly folder: string;
  /** Write `.gz` files. */
  readonly isPacked?: boolean;
}

/** What was written, and the ceiling that the truth sets. */
export interface SimulationSummary extends Ceilings {
  readonly lists: number;
  /** Interactions by type, duplicates not counted. */
  readonly interactions: Readonly<Record<string, number>>;
  readonly duplicateMessages: number;
  readonly malformedMessages: number;
}

/** Name of the file with one `{impressionId, clickProbability, isClicked}` a line, in the order shown. */
const TRUTH_FILE = 'truth.ndjson';

/**
 * Writes simulated traffic as event files, in order of arrival, with the truth beside them. The same options write the
 * same bytes. The files appear, whole, at the end, in the place of those of an earlier simulation.
 * @throws config-invalid when the folder holds events of another origin
 * @param onProgress told the impressions written and their share of the whole (0 to 1), every thousand or so
 */
export async function simulateToFiles(
  options: SimulateToFilesOptions,
  onProgress: (doneCount: number, doneFraction: number) => void = () => undefined,
): Promise<SimulationSummary> {
  const { folder, isPacked = false, impressionCount } = options;
  // Where the truth lies beside them, an earlier simulation made them.
  if (!existsSync(join(folder, TRUTH_FILE))) refuseHeldEvents(folder, INPUTS, 'a simulation');
  const files: Record<SimulatedEvent['kind'] | 'truth', LineWriter> = {
    impressions: openEventWriter(folder, 'impressions', isPacked),
    interactions: openEventWriter(folder, 'interactions', isPacked),
    truth: openLineWriter(join(folder, TRUTH_FILE)),
  };
  const count = new SimulationCount();
  try {
    let reported = 0;
    for (const arrival of disturb(simulate(options), options.seed, options)) {
      await files[arrival.input].write(arrival.text);
      if (arrival.nature !== 'event') {
        count.extra[arrival.nature] += 1;
        continue;
      }
      count.add(arrival.event);
      if (arrival.event.kind === 'impressions') await writeTruth(files.truth, arrival.event);
      if (count.impressions - reported >= 1000) {
        reported = count.impressions;
        onProgress(reported, reported / impressionCount);
      }
    }
    for (const file of Object.values(files)) await file.close();
  } catch (thrown) {
    for (const file of Object.values(files)) await file.abort();
    throw thrown;
  }
  onProgress(count.impressions, 1);
  return count.read();
}

async function writeTruth(file: LineWriter, event: SimulatedEvent & { kind: 'impressions' }): Promise<void> {
  for (const [at, item] of event.record.items.entries()) {
    const truth = {
      impressionId: impressionIdOf(event.record.requestId, item),
      clickProbability: event.clickProbabilities[at]!,
      isClicked: event.isClicked[at]!,
      ...(event.isBot ? { isBot: true } : {}),
    };
    await file.write(JSON.stringify(truth));
  }
}

class SimulationCount {
  impressions = 0;
  readonly extra = { duplicate: 0, malformed: 0 };
  private lists = 0;
  private readonly interactions: Record<string, number> = {};
  private readonly whole = new CeilingGauge();
  private readonly surfaces = new Map<Surface, CeilingGauge>();

  add(event: SimulatedEvent): void {
    if (event.kind === 'interactions') {
      this.interactions[event.record.type] = (this.interactions[event.record.type] ?? 0) + 1;
      return;
    }
    this.lists += 1;
    this.impressions += event.record.items.length;
    const gauge = this.surfaces.get(event.record.surface) ?? new CeilingGauge();
    this.surfaces.set(event.record.surface, gauge);
    event.clickProbabilities.forEach((probability, at) => {
      this.whole.add(probability, event.isClicked[at]!);
      gauge.add(probability, event.isClicked[at]!);
    });
  }

  read(): SimulationSummary {
    return {
      lists: this.lists,
      interactions: this.interactions,
      duplicateMessages: this.extra.duplicate,
      malformedMessages: this.extra.malformed,
      ...this.whole.read(),
      bySurface: Object.fromEntries([...this.surfaces].map(([surface, gauge]) => [surface, gauge.read()])),
    };
  }
}
