/**
 * What programs of others may import from this package, and every type that it is made of. What is not here may change with
 * any release; what is here changes as semantic versions say. Made by scripts/api-report.mjs from a build: do not edit.
 */

// ==== from 'sluice' ====

/** Where cases and config come from. */
interface CasesSource {
    /** YAML file of cases. */
    readonly cases: string;
    /** YAML file of the config; absent: the defaults. */
    readonly config?: string;
    readonly env?: Readonly<Record<string, string | undefined>>;
    /** `path=value` for every case. */
    readonly sets?: readonly string[];
}

/** What a case came to. */
interface CheckedCase {
    readonly name: string;
    /** Nothing: it holds. */
    readonly differences: readonly string[];
}

/** Messages as they are sent, in the order of their topic. */
interface DriverEvents {
    readonly impressions?: readonly object[];
    readonly interactions?: readonly object[];
}

/** What became of the events. */
interface DriverOutputs {
    /** Kept samples, as docs/reference/records.md describes them; a missing feature is null. */
    readonly samples: readonly Row[];
    readonly audit: readonly Row[];
    readonly late: readonly Row[];
    readonly deadLetters: readonly Row[];
    /** Names of the numbers of `features`, in order. */
    readonly columns: readonly string[];
}

/** A predictor and what its columns were worth. */
interface Fitted {
    readonly predictor: Predictor;
    /** Gain a column, in column order, summing to 1 (zeros when nothing was learned). */
    readonly gain: Float64Array;
}

/** Something that every part of a kind keeps; a test runner gives it a case, `sluice test --plugin` a line. */
interface Law {
    readonly name: string;
    /** Throws, with what was found, where it is broken. */
    readonly check: () => void | Promise<void>;
}

/** What a fit may ask of its surroundings. */
interface LearnerContext<Table extends SettingsTable> {
    readonly seed: number;
    readonly settings: SettingsOf<Table>;
    /** Rows that columns are standardised over, features alone; absent: those of the fit. */
    readonly reference?: TrainingRows | undefined;
    /** Grows one tree by the forest library. */
    readonly growTree: GrowTree;
}

/**
 * Logistic predictors over squashed, standardised columns:
 * z = clip( (sign(x)·ln(1 + min(|x|, largest float32)) − centre) · inverseScale, ±8 ), 0 where x is missing;
 * log-odds of member k = intercept_k + Σ_c z_c·weights[c,k] + Σ_(c missing) missingWeights[c,k].
 */
interface LinearPredictor {
    readonly kind: 'linear';
    readonly columnCount: number;
    readonly memberCount: number;
    readonly centre: Float32Array;
    readonly inverseScale: Float32Array;
    /** columns × members, row-major. */
    readonly weights: Float32Array;
    /** columns × members, row-major. */
    readonly missingWeights: Float32Array;
    readonly intercept: Float32Array;
    readonly firstHalf?: number | undefined;
}

/** Values under the names by which `features.declared` reads them: `from: own:NAME`. */
type OwnColumns = Readonly<Record<string, OwnValue>>;

/** Fits models; `retrain.learner: own:NAME`, its settings under `retrain.own`. */
interface OwnLearner<Table extends SettingsTable = SettingsTable> extends Learner<Table> {
    /** Letters, digits and hyphens, a letter first. */
    readonly name: string;
}

/**
 * Refuses what a team does not want to learn from: traffic of tests, prices of 0. `quality.own: [own:NAME]`. It judges single
 * messages that passed every other check; what it refuses is a dead letter with the reason, and can be sent again. Give one
 * of the two or both; each is a function of the message alone, so that a restart judges alike.
 */
interface OwnRule {
    /** Letters, digits and hyphens, a letter first. */
    readonly name: string;
    /** Says what it refuses: a sentence without its full stop. */
    readonly summary: string;
    /** Why an item of a list is refused, its other items not; undefined or null: it is not. */
    readonly impression?: (item: Sent, list: Sent) => string | null | undefined;
    /** Why an interaction is refused; undefined or null: it is not. */
    readonly interaction?: (interaction: Sent) => string | null | undefined;
}

/** Says how much a sample would teach the model; `selection.scorer: own:NAME`. */
interface OwnScorer {
    /** Letters, digits and hyphens, a letter first. */
    readonly name: string;
    /** Says what a sample counts for: a sentence without its full stop. */
    readonly summary: string;
    /** False where a prediction of one member says nothing: samples then wait for the first champion. Default true. */
    readonly early?: boolean;
    /**
     * Writes how much each row counts for either label: finite, 0 or more, unitless, a function of the row alone. Both labels,
     * because the log-odds offset needs what the chance would have been under the other one. Changes nothing else.
     * @param ifNegative receives rowCount importances for label 0
     * @param ifPositive receives rowCount importances for label 1
     */
    score(batch: ScorableBatch, ifNegative: Float64Array, ifPositive: Float64Array): void;
}

/**
 * Makes a value of an impression list and one of its items: a number, a boolean, a text, a list of texts or of numbers, a
 * time; undefined, null and NaN are missing. A function of the message alone, so that a restart reads the same.
 */
type OwnValue = (item: Sent, list: Sent) => unknown;

/** A part of a plugin, as one of its exports. */
type Part = {
    readonly sluice: 'scorer';
    readonly scorer: OwnScorer;
} | {
    readonly sluice: 'learner';
    readonly learner: OwnLearner;
} | {
    readonly sluice: 'columns';
    readonly columns: OwnColumns;
} | {
    readonly sluice: 'rule';
    readonly rule: OwnRule;
};

/**
 * What a learner leaves before it is written as ONNX. The probability is the mean of the members' probabilities.
 *
 * With `firstHalf` it is two predictors, each fitted on the rows of one half of the sessions: the first `firstHalf` members
 * are those of half a, the others those of half b. Where members are log-odds, there are as many of each, and member k of
 * what is predicted is the mean, in log-odds, of the two members k; where they are probabilities, all of them are members.
 */
type Predictor = TreeEnsemble | LinearPredictor;

/** A scored batch as scorers see it. Rows are in the order in which their windows closed. */
interface ScorableBatch {
    readonly prediction: Prediction;
    readonly rowCount: number;
    /** Members of the champion's committee. */
    readonly memberCount: number;
    readonly snapshotVersion: string;
    /** rowCount × columnCount, row-major; NaN = missing. */
    readonly rows: Float32Array;
    readonly columnCount: number;
    /** 0 or 1. A scorer may learn from a row's label only after that row's importances are written. */
    readonly labels: Uint8Array;
}

/** A message, or an item of it, as it was sent: nothing of it has been checked. */
type Sent = Readonly<Record<string, unknown>>;

/** A setting of a learner, a number: an option `retrain.<learner>.<name>` with its default, its limits and its text. */
interface Setting {
    readonly default: number;
    /** Whole numbers only. */
    readonly isInteger?: boolean;
    readonly above?: number;
    readonly atLeast?: number;
    readonly atMost?: number;
    /** One plain sentence without its full stop: what it is, and what it trades. */
    readonly text: string;
    /** What LightGBM calls it. */
    readonly lightgbm?: string;
}

/** A value for every setting of a table. */
type SettingsOf<Table extends SettingsTable> = {
    readonly [Name in keyof Table]: number;
};

type SettingsTable = Readonly<Record<string, Setting>>;

/** Runs events through the whole processor. */
interface TestDriver {
    /**
     * Runs until everything is decided; each run begins with nothing.
     * @throws SluiceError `config-invalid`, `plugin-invalid`, `plugin-failed`, `plugin-slow`
     */
    run(events: DriverEvents): Promise<DriverOutputs>;
}

/** What a driver runs events under. */
interface TestDriverOptions {
    /** Plugin files, as `plugins` names them. */
    readonly plugins?: readonly string[];
    /** YAML file of the config; absent: the defaults. */
    readonly config?: string;
    /** `path=value`, as `--set` takes them. They come after the driver's own: scorer uniform, budget 1, no audit, no encoder. */
    readonly set?: readonly string[];
}

/** Rows for a learner: weights are 1/π or ones, offsets log-odds offsets or zeros. */
type TrainingRows = Bundle<typeof TRAINING>;

/**
 * Binary trees over float32 columns. A row goes left at a node when its value is below the threshold, and where it is
 * missing (NaN) when `missingLeft` is 1. Each tree adds its leaf to one member: forests have a tree a member, boosting
 * has a run of trees a member.
 */
interface TreeEnsemble {
    readonly kind: 'trees';
    readonly columnCount: number;
    readonly memberCount: number;
    /** First node of each tree; the nodes of a tree follow one another, parents before children. */
    readonly roots: Int32Array;
    /** The member that each tree adds to. */
    readonly memberOfTree: Int32Array;
    /** Column a node looks at, −1 for a leaf. All node arrays have one entry a node. */
    readonly column: Int32Array;
    readonly threshold: Float32Array;
    /** Child nodes, counted over the whole ensemble; −1 for a leaf. */
    readonly left: Int32Array;
    readonly right: Int32Array;
    readonly missingLeft: Uint8Array;
    /** Leaf value; 0 at inner nodes. */
    readonly value: Float32Array;
    /** Added to the sum of each member's leaves (memberCount entries). */
    readonly base: Float32Array;
    /** `identity`: a member's sum is its probability; `logistic`: it is its log-odds. */
    readonly link: 'identity' | 'logistic';
    readonly firstHalf?: number | undefined;
}

/**
 * Runs the cases of a file one after the other, as `sluice test FILE` does.
 * @throws SluiceError `cases-invalid`, `config-invalid`, `file-unreadable`
 */
declare function checkCases(source: CasesSource): AsyncGenerator<CheckedCase>;

/** Declares values of one's own, each a column (or several) by a line of `features.declared`. */
declare function defineColumns(columns: OwnColumns): Part;

/** Declares a learner of one's own: the settings that `fit` reads are those of its table, or the compiler says so. */
declare function defineLearner<const Table extends SettingsTable>(learner: OwnLearner<Table>): Part;

/** Declares a rule of one's own; the module exports what this returns. */
declare function defineRule(rule: OwnRule): Part;

/** Declares a scorer of one's own; the module exports what this returns. */
declare function defineScorer(scorer: OwnScorer): Part;

/**
 * The laws of every part of a plugin, those that Sluice's own parts are held to: a case each in a test of yours, as
 * `sluice test --plugin FILE` has a line each.
 * @throws SluiceError `plugin-invalid`, `file-unreadable`
 */
declare function pluginLaws(file: string): Promise<readonly Law[]>;

/** Makes a driver: the whole pipeline in memory, without broker, files, network or encoder. Nothing has to be closed. */
declare function testDriver(options?: TestDriverOptions): TestDriver;

// ---- what these are made of ----

type ArrayOf<D extends Declared> = D extends NumericType ? Arrays[D] : D extends PerFeature<infer T> ? Arrays[T] : (string | null)[];

interface Arrays {
    readonly f64: Float64Array;
    readonly f32: Float32Array;
    readonly u32: Uint32Array;
    readonly i8: Int8Array;
    readonly u8: Uint8Array;
}

/** Rows of a layout, column by column. */
type Bundle<L extends Layout> = Readonly<ColumnsOf<L>> & {
    readonly rowCount: number;
    /** Columns of the feature set. */
    readonly columnCount: number;
};

/** The arrays of a layout, all with room for the same number of rows. */
type ColumnsOf<L extends Layout> = {
    -readonly [Name in keyof L]: ArrayOf<L[Name]>;
};

/** How a column is declared: one element a row, or {@link PerFeature}. */
type Declared = NumericType | 'text' | PerFeature;

/** Element types of columns of numbers, by the names that checkpoints store them under. */
declare const ELEMENTS: {
    readonly f64: Float64ArrayConstructor;
    readonly f32: Float32ArrayConstructor;
    readonly u32: Uint32ArrayConstructor;
    readonly i8: Int8ArrayConstructor;
    readonly u8: Uint8ArrayConstructor;
};

/** Rows for one tree: `rowCount` × `columnCount`, row-major, no NaN; targets of 0 and 1. */
interface GrowRequest {
    readonly rows: Float64Array;
    readonly rowCount: number;
    readonly columnCount: number;
    readonly targets: Uint8Array;
    /** Columns the tree may use, a random share in (0,1] of all. */
    readonly columnFraction: number;
    readonly maxDepth: number;
    /** A node of this many rows or fewer is a leaf. */
    readonly minNodeRows: number;
    readonly seed: number;
}

/** Grows one regression tree on 0/1 targets. */
type GrowTree = (request: GrowRequest) => GrownNode;

/** A grown tree: a node either splits (`value < threshold` goes left) or is a leaf. */
type GrownNode = {
    readonly column: number;
    readonly threshold: number;
    readonly left: GrownNode;
    readonly right: GrownNode;
} | null;

/** Columns by name. Allocating, growing, gathering, capturing and restoring all follow from it. */
type Layout = Readonly<Record<string, Declared>>;

/** A learner as `retrain.learner` offers it: declared in its own file, listed once in `learners.ts`. */
interface Learner<Table extends SettingsTable = SettingsTable> {
    /** Says in one sentence what is fitted; stands in the configuration page. */
    readonly summary: string;
    /**
     * How it undoes the selection. One that adds up log-odds takes the offset and trains unweighted, which uses the samples
     * better and forgives a poor scorer; one without log-odds to add to takes weights 1/π.
     */
    readonly correction: 'offsets' | 'weights';
    readonly settings: Table;
    /** Members of the committee that a fit gives: the `memberCount` of its predictor. */
    members(settings: SettingsOf<Table>): number;
    /** Settings of two halves whose members together are those of the whole; absent: the same, and members k are averaged. */
    halved?(settings: SettingsOf<Table>): readonly [SettingsOf<Table>, SettingsOf<Table>] | undefined;
    /**
     * Fits in the calling thread. Rows were checked: both classes, finite positive weights, finite offsets. Same rows, seed
     * and settings give the same predictor. Throws `fit-failed`.
     */
    fit(training: TrainingRows, context: LearnerContext<Table>): Fitted;
}

type NumericType = keyof typeof ELEMENTS;

/** A column that has as many numbers a row as the feature set has columns, row-major. */
interface PerFeature<T extends NumericType = NumericType> {
    readonly perFeature: T;
}

interface Prediction {
    readonly probability: Float32Array;
    readonly members: Float32Array;
}

type Row = Readonly<Record<string, unknown>>;

/** Of a row that a model is fitted on. */
declare const TRAINING: {
    weights: "f32";
    offsets: "f32";
    rows: {
        readonly perFeature: "f32";
    };
    labels: "u8";
};

// ==== from 'sluice/samples' ====

/** What `sluice describe features --format json` prints. */
interface DescribedFeatures {
    readonly featureSetId: string;
    readonly columns: readonly {
        readonly name: string;
    }[];
}

interface ReadOptions {
    /** Default: by the suffix of the file; `.gz` may follow it for lines. */
    readonly format?: SampleFormat;
    /** Names of the features, which NDJSON lacks; without them they are numbered. Rows of another feature set are refused. */
    readonly features?: DescribedFeatures;
    /** Takes the rows of this feature set alone. */
    readonly featureSet?: string;
}

type SampleFormat = 'ndjson' | 'csv' | 'parquet';

/** Rows of one feature set, column by column. */
interface Samples {
    readonly rowCount: number;
    /** `rowCount` × `featureNames.length`, row-major; NaN is missing. */
    readonly features: Float32Array;
    readonly featureNames: readonly string[];
    /** null where there is no row. */
    readonly featureSetId: string | null;
    /** 1 where the outcome reached the goal, else 0. */
    readonly label: Int32Array;
    /** `logOddsOffset`: add it to the logit while training, and leave it out when serving. */
    readonly offset: Float64Array;
    /** `importanceWeight`, 1/π: for learners that take no offset. Never both. */
    readonly weight: Float64Array;
    /** `inclusionProbability` π, in (0,1]. */
    readonly probability: Float64Array;
    /** `fold` of each row; null where the rows have none. */
    readonly fold: readonly unknown[] | null;
    /** Every other column by its name in a Parquet dump (`itemId`, `carried.items.price`), null where a row lacks it. */
    readonly columns: ReadonlyMap<string, readonly unknown[]>;
}

/**
 * Reads a dump of `training` or `audit` into memory.
 * @throws SluiceError `file-unreadable`; `import-file-invalid` for what is no dump of samples; `feature-sets-mixed`
 */
declare function readSamples(path: string, options?: ReadOptions): Promise<Samples>;

// ---- what these are made of ----


