import * as ort from 'onnxruntime-node';
import { messageOf } from '../../../errors.js';
import { HALVES } from '../writer/index.js';
import type { ModelFile } from './model-file.js';
import { openSession } from '../open-session.js';

/** How a model is asked: where rows go in, and where its prediction comes out. */
export interface ModelForm {
  readonly input: string;
  /** Columns that the input says it takes; undefined when it does not say. */
  readonly width: number | undefined;
  readonly isDouble: boolean;
  /** Output with the prediction, and what one row of it is: one number, or one of each class. */
  readonly output: { readonly name: string; readonly isDouble: boolean; readonly perRow: 1 | 2 };
  /** True when the file is as snapshots are: `features`, `probability`, and no number for each class. */
  readonly isOurs: boolean;
}

/** What the file does not say, or says wrongly, as whoever publishes it knows it. */
export interface FormWishes {
  /** Name of the output with the prediction. */
  readonly output?: string | undefined;
  /** Columns of a row that the model is to be tried on. */
  readonly width: number;
}

/** Is told why, and what to do about it, in two sentences; never returns. */
export type Refuse = (why: string) => never;

const FLOATS: Readonly<Record<string, boolean>> = { float32: false, float64: true };

/** Finds out how a model is asked by looking at its signature and by scoring two rows. Calls `refuse` when it is of no use. */
export async function formOf(
  onnx: Uint8Array,
  file: ModelFile,
  wishes: FormWishes,
  refuse: Refuse,
): Promise<ModelForm> {
  const session = await openSession(onnx, { intraOpNumThreads: 1, interOpNumThreads: 1 }).catch((error: unknown) =>
    refuse(`onnxruntime cannot load it: ${messageOf(error)}`),
  );
  try {
    const input = inputOf(session, file, refuse);
    const output = outputOf(session, wishes.output, refuse);
    const dims = await probe(session, { input, output, width: input.width ?? wishes.width }, refuse);
    const perRow = perRowOf(output.name, dims, refuse);
    const isOurs = input.name === 'features' && output.name === 'probability' && perRow === 1;
    return {
      input: input.name,
      width: input.width,
      isDouble: input.isDouble,
      output: { ...output, perRow },
      isOurs: isOurs && !input.isDouble && !output.isDouble && session.outputNames.every(isSnapshotOutput),
    };
  } finally {
    await session.release();
  }
}

const SNAPSHOT_OUTPUTS: readonly string[] = ['probability', 'members', ...HALVES];
const isSnapshotOutput = (name: string): boolean => SNAPSHOT_OUTPUTS.includes(name);

interface FoundInput {
  readonly name: string;
  readonly width: number | undefined;
  readonly isDouble: boolean;
}

function inputOf(session: ort.InferenceSession, { constants }: ModelFile, refuse: Refuse): FoundInput {
  const inputs = session.inputMetadata.filter(({ name }) => !constants.has(name));
  const [input] = inputs;
  if (!input || inputs.length > 1)
    return refuse(
      `it has ${inputs.length} inputs (${shortList(inputs.map(({ name }) => name))}): convert it with one input for the whole row, initial_types=[("features", FloatTensorType([None, columns]))]`,
    );
  const isDouble = input.isTensor ? FLOATS[input.type] : undefined;
  if (!input.isTensor || isDouble === undefined || input.shape.length !== 2)
    return refuse(
      `its input ${input.name} is ${input.isTensor ? `${input.type} [${input.shape.join(', ')}]` : 'not a tensor'}: export it with one float32 input [rows, columns]`,
    );
  const [rows, width] = input.shape;
  if (typeof rows === 'number' && rows > 0)
    return refuse(
      `its input ${input.name} takes exactly ${rows} ${rows === 1 ? 'row' : 'rows'} at a time: export it with a free first dimension (PyTorch: dynamic_axes={"${input.name}": {0: "rows"}}, or dynamic_shapes)`,
    );
  return { name: input.name, width: typeof width === 'number' && width > 0 ? width : undefined, isDouble };
}

function outputOf(
  session: ort.InferenceSession,
  wanted: string | undefined,
  refuse: Refuse,
): { readonly name: string; readonly isDouble: boolean } {
  const outputs = session.outputMetadata;
  const floats = outputs.flatMap((one) => {
    const isDouble = one.isTensor ? FLOATS[one.type] : undefined;
    return isDouble === undefined ? [] : [{ name: one.name, isDouble }];
  });
  const named = floats.find(({ name }) => name === (wanted ?? 'probability'));
  if (named) return named;
  const names = shortList(outputs.map(({ name }) => name));
  if (wanted !== undefined) return refuse(`it has no float output ${wanted}, only ${names}: name another by --output`);
  const sequence = outputs.find(({ isTensor }) => !isTensor);
  if (sequence)
    return refuse(
      `its output ${sequence.name} is a sequence of maps (ZipMap), not a tensor: convert it with zipmap=False (onnxmltools) or options={"zipmap": False} (skl2onnx)`,
    );
  const [only] = floats;
  if (!only) return refuse(`its outputs (${names}) are labels without a probability: export probabilities too`);
  if (floats.length > 1)
    return refuse(`more than one of its outputs may be the prediction (${names}): say which by --output`);
  return only;
}

async function probe(
  session: ort.InferenceSession,
  { input, output, width }: { input: FoundInput; output: { readonly name: string }; width: number },
  refuse: Refuse,
): Promise<readonly number[]> {
  const rows = input.isDouble
    ? new ort.Tensor('float64', new Float64Array(2 * width), [2, width])
    : new ort.Tensor('float32', new Float32Array(2 * width), [2, width]);
  try {
    const answer = await session.run({ [input.name]: rows }, [output.name]);
    return answer[output.name]!.dims;
  } catch (error) {
    return refuse(
      `it cannot score two rows of ${width} columns (${messageOf(error)}): export it with a free number of rows and the columns of \`sluice describe features\``,
    );
  }
}

function perRowOf(name: string, dims: readonly number[], refuse: Refuse): 1 | 2 {
  const size = dims.reduce((product, dim) => product * dim, 1);
  if (dims[0] === 2 && dims.length <= 2 && (size === 2 || size === 4)) return size === 2 ? 1 : 2;
  const shape = `[${dims.join(', ')}]`;
  return dims[0] === 2 && dims.length === 2
    ? refuse(
        `its output ${name} has ${dims[1]} numbers a row: a model of clicks has one, or one of each of two classes`,
      )
    : refuse(`its output ${name} has shape ${shape} for two rows: export one number a row, [rows] or [rows, 1]`);
}

function shortList(names: readonly string[]): string {
  return names.length <= 6 ? names.join(', ') : `${names.slice(0, 5).join(', ')} and ${names.length - 5} more`;
}
