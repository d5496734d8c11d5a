import { messageOf, SluiceError } from '../errors.js';
import type { Clock } from '../ports/clock.js';
import type { SelfTest } from './manifest.js';
import { selfTestOf } from './self-test.js';
import type { Model, ModelLoader, Prediction } from '../ports/model.js';

/** A model before anyone sees it, and what it is tried on. */
export interface TryOut {
  readonly onnx: Uint8Array;
  /** Its file, for errors. */
  readonly name: string;
  readonly featureSetId: string;
  readonly columnCount: number;
  /** Rows of the stream to try it on, row-major, besides those that are made up; as many as there are, at best. */
  readonly rows?: Float32Array | undefined;
  /** Longest that one row may take on average; default {@link MOST_MS_A_ROW}. */
  readonly mostMsARow?: number | undefined;
}

/** What the trial found. */
export interface Tried {
  readonly memberCount: number;
  /** Of the timed run. */
  readonly msARow: number;
  readonly selfTest: SelfTest;
}

/** Made-up rows: zeros, ones, large values of either sign, missing values. */
const PROBES = [0, 1, 1e6, -1e6, Number.NaN];
/** Rows of the timed run. */
const TIMED_ROWS = 1_000;
/** Five times what the stream spends on a row besides. */
const MOST_MS_A_ROW = 0.2;
/** Rows of a first run, which shows a model that takes seconds a row, and how many rows' time it may take. */
const FIRST_ROWS = 4;
const FIRST_ALLOWANCE = 5_000;
/** Sums of floats differ in their last bits with the order they are added in; anything more is another answer. */
const ROUNDING = 1e-4;

/**
 * Tries a model out. Throws `model-refused`, with the remedy, for one that does not load, takes another width, fails on a
 * row, answers something that is not a probability, answers a row in another way alone than among others or the second
 * time, or takes too long.
 */
export async function tryOut(
  { loader, clock }: { readonly loader: ModelLoader; readonly clock: Clock },
  given: TryOut,
): Promise<Tried> {
  const { name: file, columnCount } = given;
  const refuse = (why: string): never => {
    throw new SluiceError('model-refused', { file, why });
  };
  const model = await loader
    .load(given.onnx, file, given.featureSetId)
    .catch((thrown: unknown) => refuse(thrown instanceof SluiceError ? whyOf(thrown) : messageOf(thrown)));
  try {
    if ((model.columnCount ?? columnCount) !== columnCount)
      return refuse(
        `it takes ${model.columnCount} columns, the feature set has ${columnCount}: train it on the columns of \`sluice describe features\``,
      );
    const msARow = await timed(model, clock, given, refuse);
    await provedAnswers(model, given, refuse);
    const some = { rows: given.rows ?? new Float32Array(0), columnCount };
    const selfTest = await selfTestOf(model, { ...some, rowCount: some.rows.length / columnCount });
    return { memberCount: model.memberCount, msARow, selfTest };
  } catch (thrown) {
    if (thrown instanceof SluiceError && thrown.code === 'model-refused') throw thrown;
    return refuse(
      `it cannot score a row (${messageOf(thrown)}): run the file in onnxruntime on rows of the training topic`,
    );
  } finally {
    await model.close();
  }
}

const whyOf = ({ code, details, reason }: SluiceError): string =>
  code === 'snapshot-refused' ? String(details['why']) : reason;

type Refuse = (why: string) => never;

async function timed(
  model: Model,
  clock: Clock,
  { columnCount, mostMsARow = MOST_MS_A_ROW, rows }: TryOut,
  refuse: Refuse,
): Promise<number> {
  const own = rows ? rows.length / columnCount : 0;
  const made = Float32Array.from({ length: TIMED_ROWS * columnCount }, (_, at) => {
    const row = Math.floor(at / columnCount);
    return own > 0 ? rows![(row % own) * columnCount + (at % columnCount)]! : PROBES[row % PROBES.length]!;
  });
  const msOf = async (rowCount: number): Promise<number> => {
    const startedMs = clock.monotonicMs();
    await model.predict(made.slice(0, rowCount * columnCount), rowCount);
    return (clock.monotonicMs() - startedMs) / rowCount;
  };
  const tooLong = (msARow: number): never =>
    refuse(
      `it takes ${msARow.toFixed(2)} ms a row, at most ${mostMsARow} are allowed: fewer or smaller trees, fewer layers, or a higher --most-ms-a-row if the stream can wait`,
    );
  const first = await msOf(FIRST_ROWS);
  if (first > FIRST_ALLOWANCE * mostMsARow) tooLong(first);
  const msARow = await msOf(TIMED_ROWS);
  return msARow > mostMsARow ? tooLong(msARow) : msARow;
}

async function provedAnswers(model: Model, { rows, columnCount }: TryOut, refuse: Refuse): Promise<void> {
  const made = Float32Array.from(
    { length: PROBES.length * columnCount },
    (_, at) => PROBES[Math.floor(at / columnCount)]!,
  );
  for (const tried of rows ? [rows, made] : [made]) {
    const rowCount = tried.length / columnCount;
    if (rowCount === 0) continue;
    const whole = await model.predict(tried, rowCount);
    refuseOddNumbers(whole, rowCount, refuse);
    const again = await model.predict(tried, rowCount);
    if (isApart(whole.probability, again.probability))
      refuse('it answers the same rows differently the second time: switch its chance off (model.eval() in PyTorch)');
    const alone = await model.predict(tried.slice(0, columnCount), 1);
    if (isApart(whole.probability.subarray(0, 1), alone.probability))
      refuse(
        'it answers a row differently alone than among others: a row must not depend on its batch (model.eval() in PyTorch)',
      );
  }
}

function refuseOddNumbers({ probability, members }: Prediction, rowCount: number, refuse: Refuse): void {
  for (const values of [probability, members]) {
    const at = values.findIndex((value) => !(value >= 0 && value <= 1));
    if (at < 0) continue;
    const odd = values[at]!;
    refuse(
      Number.isNaN(odd)
        ? `it answers NaN on ${values.filter(Number.isNaN).length} of ${rowCount} rows, which is not a probability: missing values come as NaN, so fill them in inside the model`
        : `it answers ${odd}, which is not a probability: if it gives log-odds, publish it with --output-kind logit`,
    );
  }
}

function isApart(one: Float32Array, other: Float32Array): boolean {
  return one.some((value, at) => !(Math.abs(value - other[at]!) <= ROUNDING));
}
