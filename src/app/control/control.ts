import { hostname } from 'node:os';
import type { HttpContent, HttpOrder } from '../../adapters/http/index.js';
import { uniqueId } from '../../adapters/system/index.js';
import { messageOf, SluiceError } from '../../errors.js';
import type { Clock } from '../../ports/clock.js';
import type { Logger } from '../../ports/logger.js';
import type { Metrics } from '../../ports/metrics.js';
import { pinChampion, rollBackSnapshot, type Reasons } from '../../snapshot/index.js';
import { serial } from '../../stream/serial.js';
import { withRecordedEncoder } from '../encoder-choice.js';
import { describeFeatures } from '../describe.js';
import { openKeyring } from '../made-by.js';
import { promoteJudged } from '../promotion.js';
import type { Reload } from '../reload.js';
import type { Opened } from '../run-watcher.js';
import { type ControlRecord, writeControl } from './control-log.js';

export const CONTROL_ACTIONS = ['reload', 'drain', 'promote', 'rollback', 'pin', 'unpin'] as const;
export type ControlAction = (typeof CONTROL_ACTIONS)[number];

/** What a run lets be done to it. */
export interface Steering {
  readonly reload: (by: string) => Reload;
  /** Finishes the units of work under way, commits and ends. */
  readonly drain: () => void;
}

interface ControlDeps extends Steering {
  readonly application: string;
  /** What the run stands on; undefined before it is open. */
  readonly open: () => Opened | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Pick<Metrics, 'count'>;
}

/** An order as it was understood. */
interface Order {
  readonly who: string | null;
  readonly why: string;
  readonly version: string;
  readonly isForced: boolean;
}

const MOST_WORDS = 500;

/**
 * Carries out what comes over HTTP, one order at a time. Every order is on the topic before anything happens, and again with
 * what came of it: an order that cannot be written down is not carried out.
 */
export class Control {
  private readonly inTurn = serial();
  private readonly instance = `${hostname()}:${process.pid}`;

  constructor(private readonly deps: ControlDeps) {}

  /** Answers 200 with what was done, 400 for an order that is not understood, 409 for one that failed. */
  order(action: ControlAction, { body, from }: HttpOrder): Promise<HttpContent> {
    return this.inTurn(async () => {
      const run = this.deps.open();
      if (!run) return answer(503, { error: 'the run is still opening its topics', remedy: 'Ask again.' });
      const order = understood(action, body);
      if (typeof order === 'string')
        return answer(400, { error: order, remedy: 'Send JSON with "why", and "version" to promote.' });
      return this.carryOut(run, action, order, from);
    });
  }

  private async carryOut(run: Opened, action: ControlAction, order: Order, from: string): Promise<HttpContent> {
    const { clock, logger, metrics, application } = this.deps;
    const id = uniqueId();
    const asked: ControlRecord = {
      ...{ atMs: clock.nowMs(), action, who: order.who, from, why: order.why, instance: this.instance },
      what: action === 'promote' ? { version: order.version, isForced: order.isForced } : {},
      outcome: 'asked',
      result: '',
    };
    const note = (record: ControlRecord): Promise<void> => writeControl(run.transport, application, id, record);
    await note(asked);
    const { who, why } = order;
    try {
      const { what, result, answer: given } = await this.act(run, action, order);
      await note({ ...asked, what: { ...asked.what, ...what }, outcome: 'done', result });
      metrics.count('sluice_control_orders_total', 1, { action, outcome: 'done' });
      logger.info('an order was carried out', { action, who, from, why, result });
      // The run ends with it, so its record must be there before.
      if (action === 'drain') this.deps.drain();
      return answer(200, { result, ...given });
    } catch (thrown) {
      const error = messageOf(thrown);
      await note({ ...asked, outcome: 'failed', result: error });
      metrics.count('sluice_control_orders_total', 1, { action, outcome: 'failed' });
      logger.warn('an order failed', { action, who, from, why, error });
      if (!(thrown instanceof SluiceError)) throw thrown;
      return answer(409, { error: thrown.reason, remedy: thrown.remedy, code: thrown.code });
    }
  }

  private async act(
    { config, transport, parts }: Opened,
    action: ControlAction,
    { who, why, version, isForced }: Order,
  ): Promise<{ readonly result: string; readonly what?: object; readonly answer?: object }> {
    const { clock, reload } = this.deps;
    const reasons: Reasons = { who, why };
    switch (action) {
      case 'drain':
        return { result: 'the run finishes what is begun and ends' };
      case 'reload': {
        const reloaded = reload(who === null ? 'http' : `http, ${who}`);
        const { outcome, applied, heldBack, problems } = reloaded;
        const what = { outcome, applied, heldBack, problems };
        return { result: reloadText(reloaded), what, answer: what };
      }
      case 'promote': {
        const wishes = { ...reasons, isForced };
        const manifest = await promoteJudged({ transport, codecs: parts.codecs, config, clock }, version, wishes);
        return { result: `champion is ${manifest.version}`, what: { version: manifest.version } };
      }
      case 'rollback': {
        const { featureSetId } = await describeFeatures(await withRecordedEncoder(config, transport));
        const deps = { transport, clock, keyring: openKeyring(config) };
        const manifest = await rollBackSnapshot(deps, featureSetId, reasons);
        return { result: `champion is ${manifest.version}`, what: { version: manifest.version } };
      }
      case 'pin':
      case 'unpin': {
        const pinned = await pinChampion({ transport, clock }, action === 'pin', reasons);
        return { result: `champion ${pinned} is ${action}ned`, what: { version: pinned } };
      }
    }
  }
}

/** A reload in one sentence. */
function reloadText({ outcome, applied, heldBack, problems }: Reload): string {
  if (problems !== '') return `refused, nothing has changed: ${problems}`;
  const names = (changes: readonly { readonly path: string }[]): string => changes.map(({ path }) => path).join(', ');
  const held = heldBack.length > 0 ? `; held back until a restart: ${names(heldBack)}` : '';
  return outcome === 'applied' ? `applied: ${names(applied)}${held}` : `nothing applied${held}`;
}

/** An order, or what is wrong with it. */
function understood(action: ControlAction, body: unknown): Order | string {
  const {
    who = null,
    why,
    version = '',
    force = false,
  } = (typeof body === 'object' && body !== null ? body : {}) as Readonly<Record<string, unknown>>;
  if (typeof why !== 'string' || why.trim() === '') return 'it does not say why';
  if (who !== null && typeof who !== 'string') return '"who" is no text';
  if (why.length > MOST_WORDS || (who ?? '').length > MOST_WORDS) return `more than ${MOST_WORDS} characters`;
  if (typeof version !== 'string' || (action === 'promote' && version === '')) return 'it names no version';
  if (typeof force !== 'boolean') return '"force" is neither true nor false';
  return { who: who?.trim() || null, why: why.trim(), version, isForced: force };
}

function answer(status: number, content: object): HttpContent {
  return { status, contentType: 'application/json; charset=utf-8', body: `${JSON.stringify(content)}\n` };
}
