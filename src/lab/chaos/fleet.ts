import type { Clock } from '../../ports/clock.js';
import type { Random } from '../../ports/random.js';
import type { ChaosCluster } from './cluster.js';
import { startRun, type ChildEnd, type RunChild } from './child.js';
import type { Moment } from './moments.js';

const GAVE_UP_STATUS = 4;
/** A moment that has not come by then (no checkpoint was due, nothing to fit) becomes any moment. */
const MOMENT_WITHIN_MS = 20_000;
/** A processor that was told to end and has not by then is stuck. */
const END_WITHIN_MS = 60_000;
/** Beyond it something is wrong with every start. */
const MOST_CRASHES = 20;
const PAUSE_BEFORE_RESTART_MS = 300;

/** One processor of the fleet, kept alive as a supervisor would. */
interface Post {
  readonly slot: number;
  child: RunChild | undefined;
  /** True while its end is our doing. */
  isEnding: boolean;
}

/** Several processors of one application, each behind doors of its own, started again whenever one ends by itself. */
export class Fleet {
  /** Error codes of processes that gave up by themselves. */
  readonly gaveUp: string[] = [];
  /** Last words of processes that ended otherwise. */
  readonly crashes: string[] = [];
  private readonly posts: readonly Post[];

  constructor(
    private readonly configFiles: readonly string[],
    private readonly cluster: ChaosCluster,
    private readonly clock: Clock,
    private readonly random: Random,
    private readonly signal: AbortSignal,
  ) {
    this.posts = configFiles.map((_, slot) => ({ slot, child: undefined, isEnding: false }));
    signal.addEventListener('abort', () => this.posts.forEach(({ child }) => child?.kill()), { once: true });
  }

  get slots(): readonly number[] {
    return this.posts.map(({ slot }) => slot);
  }

  /** Starts those that are not running. */
  start(slots: readonly number[] = this.slots): void {
    if (this.crashes.length > MOST_CRASHES) return;
    for (const slot of slots) if (this.posts[slot]!.child === undefined) this.spawn(this.posts[slot]!);
  }

  /** SIGTERM to all of them at once; waits until they are gone. */
  async leave(slots: readonly number[] = this.slots): Promise<void> {
    await Promise.all(slots.map((slot) => this.end(this.posts[slot]!, (child) => child.terminate())));
  }

  /** SIGKILL at a moment, and started again. @returns true when the moment came, false when it fell anywhere instead */
  async kill(slot: number, moment: Moment): Promise<boolean> {
    const post = this.posts[slot]!;
    if (moment.isEarly) await this.leave([slot]);
    if (post.child === undefined) this.spawn(post);
    const isHit = await this.at(post, moment);
    await this.end(post, (child) => child.kill());
    await this.clock.sleep(this.random() * PAUSE_BEFORE_RESTART_MS, this.signal);
    this.start([slot]);
    return isHit;
  }

  /** Waits for the moment and kills within it. */
  private async at(post: Post, { sign }: Moment): Promise<boolean> {
    const child = post.child!;
    if (sign.kind === 'time') return this.clock.sleep(this.random() * sign.withinMs, this.signal);
    const over = new AbortController();
    const late = this.clock.sleep(MOMENT_WITHIN_MS, over.signal).then(() => false);
    const hit = sign.kind === 'log' ? this.afterLine(child, sign.text, sign.withinMs) : this.atRequest(post, sign);
    const isHit = await Promise.race([hit, late, child.ended.then(() => false)]);
    over.abort();
    for (const door of this.cluster.doorsOf(post.slot)) door.onRequest = () => true;
    return isHit;
  }

  private async afterLine(child: RunChild, text: string, withinMs: number): Promise<boolean> {
    const isSaid = await child.said(text);
    if (isSaid) await this.clock.sleep(this.random() * withinMs, this.signal);
    return isSaid;
  }

  private atRequest(post: Post, sign: Extract<Moment['sign'], { kind: 'request' }>): Promise<boolean> {
    return new Promise((resolve) => {
      let isFirst = true;
      const hit = (): void => {
        post.isEnding = true;
        post.child?.kill();
        resolve(true);
      };
      for (const door of this.cluster.doorsOf(post.slot)) {
        door.onRequest = ({ frame, answered }) => {
          if (!isFirst || !sign.matches(frame)) return true;
          isFirst = false;
          if (sign.isAnswered) void answered.then(hit);
          else hit();
          return sign.isAnswered;
        };
      }
    });
  }

  private spawn(post: Post): void {
    if (this.signal.aborted) return;
    const child = startRun(this.configFiles[post.slot]!, { untilEnd: false, logLevel: 'debug' });
    post.child = child;
    post.isEnding = false;
    void child.ended.then((end) => {
      if (post.child === child) post.child = undefined;
      if (post.isEnding || this.signal.aborted) return;
      this.note(end);
      void this.clock.sleep(PAUSE_BEFORE_RESTART_MS, this.signal).then(() => this.start([post.slot]));
    });
  }

  private async end(post: Post, how: (child: RunChild) => void): Promise<void> {
    const { child } = post;
    if (child === undefined) return;
    post.isEnding = true;
    how(child);
    const over = new AbortController();
    const late = this.clock.sleep(END_WITHIN_MS, over.signal).then(() => undefined);
    const end = await Promise.race([child.ended, late]);
    over.abort();
    if (end === undefined) {
      this.crashes.push(`did not end within ${END_WITHIN_MS} ms of being told to`);
      child.kill();
      await child.ended;
    } else if (end.status !== null) this.note(end);
    if (post.child === child) post.child = undefined;
  }

  private note({ status, lastWords }: ChildEnd): void {
    if (status === 0) return;
    if (status === GAVE_UP_STATUS) this.gaveUp.push(/^error (\S+):/m.exec(lastWords)?.[1] ?? 'unknown');
    else this.crashes.push(`status ${status ?? 'signal'}: ${lastWords}`);
  }
}
