import { writeFileSync } from 'node:fs';
import { groupTool, type GroupOffsets } from '../../adapters/kafka/index.js';
import type { Clock } from '../../ports/clock.js';
import { topicName } from '../../config/topics.js';
import { INPUTS, type InputName } from '../../ports/transport.js';
import type { ChaosApplication } from './application.js';
import { foreign, merged, OTHER_SETTINGS, refusedWith, failed, REFUSED_SETTINGS } from './border-harms.js';
import { startRun, type ChildEnd } from './child.js';
import type { Fleet } from './fleet.js';

/** What happens on Kafka at the border of an application. */
export const KAFKA_BORDER_HARMS = [
  'changed config',
  'refused config',
  'group deleted',
  'offsets moved',
  'foreign application',
] as const;
export type KafkaBorderHarm = (typeof KAFKA_BORDER_HARMS)[number];

/** What the harms work with. */
export interface KafkaBorderNeeds {
  readonly application: ChaosApplication;
  /** The config as it was, as YAML, and that of a post. */
  readonly yaml: string;
  readonly postYaml: (slot: number) => string;
  readonly postFiles: readonly string[];
  /** Bootstrap servers past all doors. */
  readonly brokers: string;
  readonly fleet: Fleet;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

const LOOK_AGAIN_MS = 1_000;
const MOST_LOOKS = 30;

/** Harms an application at its border, and takes the documented way out where the program refuses. */
export class KafkaBorder {
  private isChanged = false;

  constructor(private readonly needs: KafkaBorderNeeds) {}

  /** @returns false when it came too early: the application had committed nothing yet in some partition */
  async harm(kind: KafkaBorderHarm): Promise<boolean> {
    const { fleet } = this.needs;
    switch (kind) {
      case 'changed config':
        await this.changeConfig();
        return true;
      case 'foreign application':
        await this.runForeign();
        return true;
      default: {
        if (!(await this.hasBegun())) return false;
        await fleet.leave();
        await this.refused(kind);
        fleet.start();
        return true;
      }
    }
  }

  /** One post after the other goes on under other settings; every second time under those before. */
  private async changeConfig(): Promise<void> {
    const { fleet, postFiles, postYaml } = this.needs;
    this.isChanged = !this.isChanged;
    for (const slot of fleet.slots) {
      const yaml = postYaml(slot);
      await fleet.leave([slot]);
      writeFileSync(postFiles[slot]!, this.isChanged ? merged(yaml, OTHER_SETTINGS) : yaml);
      fleet.start([slot]);
    }
  }

  private async runForeign(): Promise<void> {
    const { application, yaml, signal } = this.needs;
    const file = `${application.file}.foreign.yaml`;
    const { prefix, partitions, replicationFactor } = application.config.topics;
    const topics = `prefix: ${prefix}, partitions: ${partitions}, replicationFactor: ${replicationFactor}, `;
    writeFileSync(file, foreign(yaml, application.config.application, topics));
    const end = await this.run(file);
    if (end.status !== 0 && !signal.aborted) throw failed(end);
  }

  private async refused(kind: Exclude<KafkaBorderHarm, 'changed config' | 'foreign application'>): Promise<void> {
    const { application, yaml, brokers, clock, signal } = this.needs;
    if (kind === 'refused config') {
      const file = `${application.file}.refused.yaml`;
      writeFileSync(file, `${yaml}${REFUSED_SETTINGS}`);
      return refusedWith('settings-changed', await this.run(file), signal);
    }
    const { config } = application;
    const topics = INPUTS.map((input) => topicName(config.topics, input));
    const group = groupTool(brokers, config.application, topics, clock);
    const before = await this.settled(() => group.read());
    if (kind === 'group deleted') await group.remove();
    // As a tool resets one topic of a group: the offsets of the other one, and their metadata, stay as they were.
    else await group.write(movedIn(topicName(config.topics, 'interactions'), before));
    refusedWith('progress-lost', await this.run(application.file), signal);
    await group.write(before);
  }

  /** Asks until two answers agree: a commit is answered before its offsets show. */
  private async settled(ask: () => Promise<GroupOffsets>): Promise<GroupOffsets> {
    const { clock, signal } = this.needs;
    let last = await ask();
    for (let left = MOST_LOOKS; left > 0; left--) {
      await clock.sleep(LOOK_AGAIN_MS, signal);
      const next = await ask();
      if (JSON.stringify(next) === JSON.stringify(last)) break;
      last = next;
    }
    return last;
  }

  /** Waits until every partition has committed something of both inputs. */
  private async hasBegun(): Promise<boolean> {
    const { application, clock, signal } = this.needs;
    return application.withTransport(async (transport) => {
      for (let left = MOST_LOOKS; left > 0; left--) {
        const committed = [...(await transport.committedAll()).values()];
        if (committed.every(({ progress, offsets }) => progress !== null && isBeyondStart(offsets))) return true;
        if (!(await clock.sleep(LOOK_AGAIN_MS, signal))) return false;
      }
      return false;
    });
  }

  private async run(file: string): Promise<ChildEnd> {
    const { signal } = this.needs;
    const child = startRun(file, { untilEnd: true, logLevel: 'info' });
    signal.addEventListener('abort', child.kill, { once: true });
    const end = await child.ended;
    signal.removeEventListener('abort', child.kill);
    return end;
  }
}

function isBeyondStart(offsets: Readonly<Record<InputName, number>>): boolean {
  return INPUTS.every((input) => offsets[input] > 0);
}

function movedIn(topic: string, offsets: GroupOffsets): GroupOffsets {
  return offsets
    .filter((each) => each.topic === topic)
    .map((each) => ({
      ...each,
      partitions: each.partitions.map((partition) => ({ ...partition, offset: '0', metadata: null })),
    }));
}
