import { jsonImpressions, jsonRow } from '../../adapters/avro/index.js';
import type { HttpContent } from '../../adapters/http/index.js';
import { ERRORS, messageOf, SluiceError, type ErrorCode } from '../../errors.js';
import { partitionOfText } from '../../events/partition.js';
import type { ImpressionList, RefusedPart } from '../../events/words.js';
import { requiredId } from '../../pipeline/clean/fields.js';
import type { Described } from '../../pipeline/serve/describe-list.js';
import type { Clock } from '../../ports/clock.js';
import type { Metrics } from '../../ports/metrics.js';
import type { Opened } from '../run-watcher.js';

/** What became of a request that was read. */
export const LOOK_OUTCOMES = ['described', 'refused', 'elsewhere', 'not-ready'] as const;
type LookOutcome = (typeof LOOK_OUTCOMES)[number];

interface FeatureDoorDeps {
  /** What the run stands on; undefined before it is open. */
  readonly open: () => Pick<Opened, 'config' | 'parts' | 'looks'> | undefined;
  readonly clock: Pick<Clock, 'monotonicMs' | 'sleep'>;
  readonly metrics: Pick<Metrics, 'count' | 'observe'>;
}

type List = Partial<ImpressionList>;

/**
 * Answers what an impression list would be described as now: the feature row of each item, and the champion's prediction.
 * It reads the state of the partition that the list's session belongs to, and changes none.
 */
export class FeatureDoor {
  private readonly codec = jsonImpressions();
  private readonly rowText = jsonRow();

  constructor(private readonly deps: FeatureDoorDeps) {}

  /** Answers 200 with the rows, 400 or 422 for what can never be described, 409, 421 or 503 where nothing here can say. */
  async answer(body: Uint8Array): Promise<HttpContent> {
    const { clock, metrics } = this.deps;
    const beganMs = clock.monotonicMs();
    const { outcome, content } = await this.look(body);
    metrics.count('sluice_features_requests_total', 1, { outcome });
    if (outcome === 'described') metrics.observe('sluice_features_seconds', (clock.monotonicMs() - beganMs) / 1000);
    return content;
  }

  private async look(body: Uint8Array): Promise<{ readonly outcome: LookOutcome; readonly content: HttpContent }> {
    const run = this.deps.open();
    if (!run) return notReady('the run is not open yet');
    let list: List;
    try {
      list = this.codec.decode(body);
    } catch (thrown) {
      const error = messageOf(thrown);
      return {
        outcome: 'refused',
        content: answer(400, { error, remedy: 'Send one impression list as a JSON object.' }),
      };
    }
    const session = requiredId(list.sessionId, 'sessionId');
    if (typeof session === 'object') return refusedAnswer([{ ...session, itemIndex: null }]);
    const { looks } = run;
    if (looks.isPlacedOtherwise())
      return elsewhere(409, {
        error:
          'the impression lists do not lie where the default partitioner puts their sessions: nobody can say who has one',
        remedy: 'Set transport.repartition: session, or produce with the default partitioner, keyed by session id.',
      });
    const partition = partitionOfText(session, looks.partitionCount);
    const describe = looks.of(partition);
    if (describe === 'elsewhere' && looks.here.length === 0) return notReady('this instance has no partition now');
    if (describe === 'elsewhere')
      return elsewhere(421, {
        error: `partition ${partition} of the session is not worked on here`,
        remedy:
          'Ask the other instances at their own addresses; the one that answers 200 has it. Remember it by `partition` until it answers 421: `here` lists what this one has (docs/how/serve.md).',
        partition,
        partitionCount: looks.partitionCount,
        here: looks.here,
      });
    if (describe === 'restoring') return notReady(`partition ${partition} is being restored`);
    if (hasText(list) && !looks.isEncoderChosen())
      return notReady('no text has come through the stream, by which encoder.model = builtin chooses its encoder');
    try {
      const described = await this.inTime(describe(list));
      if (described === false) return notReady(`nothing came within ${MOST_WAIT_MS} ms: texts wait for their encoder`);
      return shown(described, partition, run, this.rowText);
    } catch (thrown) {
      // What ended meanwhile is restored by the run, which says why.
      if (thrown instanceof SluiceError && thrown.class === 'bug') throw thrown;
      return notReady(messageOf(thrown));
    }
  }

  /** What was described, or false when it took too long. */
  private async inTime(described: Promise<Described>): Promise<Described | false> {
    const answered = new AbortController();
    const late = this.deps.clock.sleep(MOST_WAIT_MS, answered.signal).then(() => false as const);
    try {
      return await Promise.race([described, late]);
    } finally {
      answered.abort();
    }
  }
}

/** Longest time that an answer may take; an encoder server that is down is waited for longer. */
const MOST_WAIT_MS = 10_000;

function shown(
  described: Described,
  partition: number,
  { parts }: Pick<Opened, 'parts'>,
  rowText: (row: Float32Array) => string,
): { readonly outcome: LookOutcome; readonly content: HttpContent } {
  if (described.kind === 'refused') return refusedAnswer(described.refused);
  const { items, rows, predictions, turnMs, watermarkMs, waitingCount, snapshotVersion, history, refused } = described;
  const width = rows.length / items.length;
  const answered = items.map(({ itemId, position }, i) => {
    const features = rowText(rows.subarray(i * width, (i + 1) * width));
    const fields = JSON.stringify({ itemId, position, prediction: predictions?.[i] ?? null });
    return `${fields.slice(0, -1)},"features":${features}}`;
  });
  const about = JSON.stringify({
    partition,
    turnMs,
    // JSON has no −Infinity: nothing is counted yet.
    watermarkMs: Number.isFinite(watermarkMs) ? watermarkMs : null,
    waitingCount,
    snapshotVersion: snapshotVersion ?? null,
    featureSetId: parts.featureSetId,
    columns: parts.columnNames,
    ...(history ? { history } : {}),
    ...(refused.length > 0 ? { refused: refused.map(told) } : {}),
  });
  const content = json(200, `${about.slice(0, -1)},"items":[${answered.join(',')}]}`);
  return { outcome: 'described', content };
}

function refusedAnswer(refused: readonly RefusedPart[]): {
  readonly outcome: LookOutcome;
  readonly content: HttpContent;
} {
  const error = 'the stream would refuse this list';
  return { outcome: 'refused', content: answer(422, { error, refused: refused.map(told) }) };
}

function told({ code, reason, itemIndex }: RefusedPart): object {
  return { item: itemIndex, code, reason, remedy: ERRORS[code as ErrorCode].remedy };
}

function notReady(error: string): { readonly outcome: LookOutcome; readonly content: HttpContent } {
  return { outcome: 'not-ready', content: answer(503, { error, remedy: 'Ask again in a second.' }) };
}

function elsewhere(status: 409 | 421, body: object): { readonly outcome: LookOutcome; readonly content: HttpContent } {
  return { outcome: 'elsewhere', content: answer(status, body) };
}

function hasText({ items }: List): boolean {
  return (
    Array.isArray(items) &&
    items.some((item: Partial<ImpressionList['items'][number]> | null) => item?.title || item?.description)
  );
}

function answer(status: number, body: object): HttpContent {
  return json(status, JSON.stringify(body));
}

function json(status: number, text: string): HttpContent {
  return { status, contentType: 'application/json', body: `${text}\n` };
}
