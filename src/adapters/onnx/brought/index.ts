import { SluiceError } from '../../../errors.js';
import { adapted, type OutputKind } from './adapt.js';
import { formOf } from './form.js';
import { readModelFile, type ModelFile } from './model-file.js';

export type { OutputKind } from './adapt.js';

/** What whoever publishes a model says of it. */
export interface ModelWishes {
  /** The feature set of the config, and its columns in order. */
  readonly featureSetId: string;
  readonly columns: readonly string[];
  /** Feature set that the model was trained on, where its file does not say. */
  readonly trainedOn?: string | undefined;
  /** Columns that it takes, in its order, where its file does not say. */
  readonly takes?: readonly string[] | undefined;
  /** Output with the prediction. */
  readonly output?: string | undefined;
  readonly outputKind: OutputKind;
}

/** Largest file: every instance holds two models in memory. */
const MOST_MODEL_BYTES = 256 * 1024 * 1024;

/** Names of the texts in a file (`metadata_props`) that say what it was trained on. */
export const FEATURE_SET_KEY = 'sluice.featureSetId';
/** Names of the columns it takes, separated by commas. */
export const COLUMNS_KEY = 'sluice.columns';

/**
 * The model as a snapshot's file: input `features` with all columns of the feature set, output `probability`. Accepts what
 * the usual converters write: [N], [N, 1], [N, 2] or label and probabilities, of floats or doubles, as probabilities or
 * as log-odds. Throws `model-refused`, with what to do about it.
 * @param name of the file, for the error
 */
export async function asSnapshotFile(onnx: Uint8Array, name: string, wishes: ModelWishes): Promise<Uint8Array> {
  const refuse = (why: string): never => {
    throw new SluiceError('model-refused', { file: name, why });
  };
  if (onnx.byteLength > MOST_MODEL_BYTES)
    return refuse(`it has ${onnx.byteLength} bytes, over ${MOST_MODEL_BYTES}: publish a smaller model`);
  const file = readModelFile(onnx);
  if (!file) return refuse('it is not an ONNX file: convert the model as docs/how/own-model.md shows');
  if (file.isIncomplete)
    return refuse(
      'its weights lie in a file beside it: write them inside, onnx.save(onnx.load(path), path) in Python, or external_data=False in torch.onnx.export',
    );
  const picked = pickedOf(file, wishes, refuse);
  const width = wishes.columns.length;
  const taken = picked?.length ?? width;
  const form = await formOf(onnx, file, { output: wishes.output, width: taken }, refuse);
  if (form.width !== undefined && form.width !== taken)
    return refuse(
      picked
        ? `it takes ${form.width} columns and names ${taken}: name each column that it takes, by --columns or ${COLUMNS_KEY}`
        : `it takes ${form.width} columns, the feature set ${wishes.featureSetId} has ${width}: train it on the columns of \`sluice describe features\`, or name those that it takes by --columns`,
    );
  return adapted(onnx, file, { form, kind: wishes.outputKind, width, picked });
}

/** Places of the columns that the model takes; undefined when it takes all, in order. Refuses another feature set. */
function pickedOf(
  { metadata }: ModelFile,
  { featureSetId, columns, trainedOn, takes }: ModelWishes,
  refuse: (why: string) => never,
): readonly number[] | undefined {
  const own = trainedOn ?? metadata.get(FEATURE_SET_KEY);
  if (own === undefined)
    return refuse(
      `it does not say which feature set it was trained on: give --feature-set ${featureSetId} if its rows had that featureSetId, or write ${FEATURE_SET_KEY} into its metadata`,
    );
  if (own !== featureSetId)
    return refuse(
      `it was trained on feature set ${own}, this configuration computes ${featureSetId}: train it on rows of ${featureSetId}`,
    );
  const names =
    takes ??
    metadata
      .get(COLUMNS_KEY)
      ?.split(',')
      .map((part) => part.trim());
  if (!names || (names.length === columns.length && names.every((column, i) => column === columns[i])))
    return undefined;
  const unknown = names.filter((column) => !columns.includes(column));
  if (unknown.length > 0)
    return refuse(
      `it takes columns that the feature set does not have (${unknown.slice(0, 5).join(', ')}): \`sluice describe features\` names those there are`,
    );
  return names.map((column) => columns.indexOf(column));
}
