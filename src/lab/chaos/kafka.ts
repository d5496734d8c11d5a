import { join } from 'node:path';
import { makeKey, seededRandom } from '../../adapters/system/index.js';
import type { Transport } from '../../ports/transport.js';
import { simulateToFiles } from '../simulate/index.js';
import { committedCounts, type Accounting } from '../../app/accounting.js';
import { accountingOfEnd, ChaosApplication } from './application.js';
import { startRun } from './child.js';
import { startChaosCluster, type ChaosCluster } from './cluster.js';
import { MAY_DIFFER_UNDER_ONE_MODEL } from './compare.js';
import { recordsOf, slices } from './feed.js';
import { Fleet } from './fleet.js';
import { planHarms, type Harm } from './harms.js';
import { KafkaBorder } from './kafka-border.js';
import { ROUGHNESS, type ChaosOptions } from './options.js';
import { proveSame, type ChaosProof, type HarmCount } from './proof.js';
import { crown, teach } from './teacher.js';

const ITEM_COUNT = 600;
const SESSION_TIMEOUT_MS = 3_000;
/** Fits in a run, about. */
const FITS = 20;
const MOST_LOOKS = 20;
const LOOK_AGAIN_MS = 500;
/** The config is ours: nobody needs to hear what it warns of. */
const NOBODY = (): void => undefined;

/**
 * Three brokers, several processors of one application, and events that arrive while both are harmed. One model, fitted
 * beforehand, is champion throughout (candidates are fitted and published, but not promoted), so that both applications must
 * agree on every field of every row: features, labels, predictions, importances, probabilities and coins.
 */
export class KafkaChaos {
  private readonly startedMs: number;
  private readonly partitions: number;
  private readonly instances: number;

  constructor(
    private readonly options: ChaosOptions,
    private readonly folder: string,
  ) {
    this.startedMs = options.clock.monotonicMs();
    this.partitions = options.partitions ?? 4;
    this.instances = options.instances ?? 3;
  }

  async prove(): Promise<ChaosProof | undefined> {
    const { say, seed, impressionCount, signal, clock } = this.options;
    const events = join(this.folder, 'events');
    await makeKey(join(this.folder, 'pseudonym.key'));
    await simulateToFiles({ folder: events, impressionCount, seed, itemCount: ITEM_COUNT, ...ROUGHNESS });
    say(`${impressionCount.toLocaleString('en')} simulated impressions, with late, repeated and broken messages`);
    const cluster = await startChaosCluster(join(this.folder, 'brokers'), this.instances, clock);
    try {
      say(`three brokers at ${cluster.brokers}`);
      const snapshot = await teach(this.folder, events, clock, say, signal);
      if (!snapshot) return undefined;
      const [unbroken, harmed] = [this.application('unbroken', cluster), this.application('harmed', cluster)];
      for (const application of [unbroken, harmed]) await crown(application, snapshot, clock);
      const expected = await this.runUnbroken(unbroken, events);
      return expected && (await this.harm(cluster, events, { application: unbroken, accounting: expected }, harmed));
    } finally {
      await cluster.stop();
    }
  }

  private application(name: string, cluster: ChaosCluster): ChaosApplication {
    const { clock } = this.options;
    const file = join(this.folder, `${name}.yaml`);
    return new ChaosApplication(file, this.yaml(name, cluster.brokers), clock, NOBODY);
  }

  private async runUnbroken(application: ChaosApplication, events: string): Promise<Accounting | undefined> {
    const { clock, say } = this.options;
    await application.withTransport(async (transport) => transport.append(await recordsOf(events, transport)));
    const beganMs = clock.monotonicMs();
    const accounting = await this.finish(application);
    if (accounting) say(`unbroken: ${seconds(clock.monotonicMs() - beganMs)}`);
    return accounting;
  }

  /** Sends the events slice by slice, with one harm after each, and lets the application come to its end. */
  private async harm(
    cluster: ChaosCluster,
    events: string,
    unbroken: { readonly application: ChaosApplication; readonly accounting: Accounting },
    application: ChaosApplication,
  ): Promise<ChaosProof | undefined> {
    const { killCount, seed, say, clock, signal } = this.options;
    const random = seededRandom(seed);
    const { prefix } = application.config.topics;
    const plan = planHarms(killCount, prefix, cluster.nodes.length, SESSION_TIMEOUT_MS, random);
    const postFiles = this.postFiles(application, cluster);
    const fleet = new Fleet(postFiles, cluster, clock, random, signal);
    const { application: name } = application.config;
    const border = new KafkaBorder({
      application,
      yaml: this.yaml(name, cluster.brokers),
      postYaml: (slot) => this.yaml(name, cluster.brokersOf(slot)),
      postFiles,
      brokers: cluster.brokers,
      fleet,
      clock,
      signal,
    });
    const done = new HarmCounts();
    const progressAtKills: number[] = [];
    await application.withTransport(async (transport) => {
      const parts = slices(await recordsOf(events, transport), plan.length + 1);
      fleet.start();
      await transport.append(parts[0]!);
      for (const [n, harm] of plan.entries()) {
        if (signal.aborted) return;
        const isSent = transport.append(parts[n + 1]!);
        // Our own sending must not fail: what it had written already would stand there twice.
        if (harm.kind === 'broker killed') await isSent;
        const isHit = await harm.act({ fleet, border, cluster, clock, random, signal });
        await isSent;
        done.add(harm, isHit);
        const progress = (await this.samplesSeen(transport)) / unbroken.accounting.samples.seen;
        if (harm.kind === 'kill −9') progressAtKills.push(progress);
        say(
          `${n + 1} of ${plan.length}: ${harm.kind}, ${harm.at}${isHit ? '' : ' (missed: anywhere)'}, ${Math.round(100 * progress)} % committed`,
        );
      }
    });
    await fleet.leave();
    const found = await this.finish(application);
    if (!found) return undefined;
    const { gaveUp, crashes } = fleet;
    const elapsedMs = Math.round(clock.monotonicMs() - this.startedMs);
    const course = {
      transport: 'kafka',
      seed,
      harms: done.list(),
      progressAtKills,
      gaveUp,
      crashes,
      elapsedMs,
    } as const;
    return proveSame(unbroken, { application, accounting: found }, course, MAY_DIFFER_UNDER_ONE_MODEL);
  }

  /** Asks again while a broker that came back is not where our connections look for it. */
  private async samplesSeen(transport: Transport): Promise<number> {
    const { clock, signal } = this.options;
    for (let left = MOST_LOOKS; ; left--) {
      try {
        return (await committedCounts(transport)).samplesSeen;
      } catch (thrown) {
        if (left === 0 || !(await clock.sleep(LOOK_AGAIN_MS, signal))) throw thrown;
      }
    }
  }

  /** Runs one processor to the end of the input. */
  private async finish({ file }: ChaosApplication): Promise<Accounting | undefined> {
    const { signal } = this.options;
    if (signal.aborted) return undefined;
    const child = startRun(file, { untilEnd: true, logLevel: 'info' });
    signal.addEventListener('abort', child.kill, { once: true });
    return accountingOfEnd(await child.ended, signal);
  }

  /** One config file a post, which differ in the doors to the brokers. */
  private postFiles(application: ChaosApplication, cluster: ChaosCluster): string[] {
    const { clock } = this.options;
    return Array.from({ length: this.instances }, (_, slot) => {
      const file = join(this.folder, `post-${slot}.yaml`);
      return new ChaosApplication(
        file,
        this.yaml(application.config.application, cluster.brokersOf(slot)),
        clock,
        NOBODY,
      ).file;
    });
  }

  /** Small units and frequent checkpoints and fits: more borders for a harm to fall on. Only events move the time. */
  private yaml(application: string, brokers: string): string {
    return `application: ${application}
transport: { kind: kafka, brokers: '${brokers}', sessionTimeoutMs: ${SESSION_TIMEOUT_MS}, requestTimeoutMs: 5000, stuckAfterMs: 60000, maxRestarts: 20 }
topics: { prefix: ${application}., partitions: ${this.partitions}, replicationFactor: 3 }
run: { threads: ${this.options.threads ?? 1} }
privacy: { keyFile: ${JSON.stringify(join(this.folder, 'pseudonym.key'))} }
encoder: { enabled: false }
join: { attributionWindowMs: 120000, allowedLatenessMs: 30000, idleTimeoutMs: 86400000 }
selection: { scorer: surprise, budget: 0.3 }
retrain: { everySamples: ${Math.max(1_000, Math.round(this.options.impressionCount / FITS))}, promote: manual, proof: { enabled: false } }
state: { checkpointEveryMs: 500 }
drain: { checkpointBytes: 134217728 }
batch: { maxBytes: 32768, commitEveryMs: 0 }
http: { enabled: 'off' }
log: { level: warn }
`;
  }
}

/** Counts harms by kind and moment, in the order they first came. */
class HarmCounts {
  private readonly counts = new Map<string, HarmCount>();

  add({ kind, at }: Harm, isHit: boolean): void {
    const moment = isHit ? at : 'anywhere';
    const key = `${kind}/${moment}`;
    this.counts.set(key, { kind, at: moment, count: (this.counts.get(key)?.count ?? 0) + 1 });
  }

  list(): HarmCount[] {
    return [...this.counts.values()].sort((a, b) => (`${a.kind}/${a.at}` < `${b.kind}/${b.at}` ? -1 : 1));
  }
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
