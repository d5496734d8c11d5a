import { jsonImpressions, jsonInteractions } from '../../adapters/avro/index.js';
import { chooseBuiltIn, tokenShare } from '../../adapters/onnx/encoder/token-share.js';
import { HIGH_UNKNOWN_FRACTION, unknownFraction, unknownRemedy } from '../../adapters/onnx/encoder/unknown-tokens.js';
import type { Config } from '../../config/schema.js';
import { isOneTopic } from '../../config/topics.js';
import { tableFieldOf } from '../../events/table-field.js';
import type { DeadLetter, DeclaredOutcome } from '../../events/words.js';
import { compileTopicMapping, loadMapping } from '../../import/index.js';
import { cleanMessage, decodeMessage, type Gate } from '../../pipeline/admit.js';
import { DeclaredReader, type OwnValues } from '../../pipeline/clean/declared.js';
import { attributesOf, ownFields } from '../../pipeline/clean/own-fields.js';
import type { OwnRules } from '../../pipeline/clean/own-rules.js';
import type { InputName, LogRecord } from '../../ports/transport.js';
import { CHOICE_TEXTS, FirstTexts } from '../first-texts.js';
import { plainGate } from '../plain-gate.js';
import { JoinCheck, type JoinCount } from './joins.js';
import { MisspeltFields, type MisspeltField } from './misspelt.js';

export interface DryRunSummary {
  /** Counted one by one, refused ones included. */
  readonly impressions: number;
  readonly interactions: number;
  /** Messages that the mapping leaves out. */
  readonly leftOut: number;
  readonly deadLetters: number;
  readonly byCode: Readonly<Record<string, number>>;
  /** Parts whose id another one had before. */
  readonly duplicates: Readonly<Record<InputName, number>>;
  /** What would become of the interactions; empty where one of the inputs was not read. */
  readonly joins: readonly JoinCount[];
  /** Fields that nobody reads and that resemble one that is missing. */
  readonly misspelt: readonly MisspeltField[];
  /** What the text encoder makes of the first texts; null where nothing would be embedded. */
  readonly texts: TextFinding | null;
  /** What became of the values of each declared feature. */
  readonly declared: Readonly<Record<string, Readonly<Record<DeclaredOutcome, number>>>>;
}

/** How well an encoder knows some texts. */
export interface TextFinding {
  /** The encoder, as `encoder.model` names it; what `builtin` would choose. */
  readonly model: string;
  readonly textCount: number;
  readonly unknownFraction: number;
  /** What to do; null when the encoder knows them. */
  readonly remedy: string | null;
}

/** Distinct texts that the encoder's tokenizer is tried on: a second of work. */
const MOST_TEXTS = 10_000;

/** What plugins do to a message. */
export interface OwnOfPlugins {
  readonly values: OwnValues;
  readonly rules: OwnRules | undefined;
}

/** Takes messages through decode and clean as the processor would, and remembers what a person should know. Writes nothing. */
export class Look {
  private readonly gate: Gate;
  private readonly declared: DeclaredReader | undefined;
  private readonly texts = new FirstTexts(MOST_TEXTS);
  private readonly joins: JoinCheck;
  private readonly misspelt: MisspeltFields;
  private readonly counts = { impressions: 0, interactions: 0, leftOut: 0, deadLetters: 0 };
  private readonly byCode: Record<string, number> = {};

  /**
   * @param codecs of the topics; default: of event files, which are JSON whatever the topics are
   * @param own what plugins make of a message, and refuse
   */
  constructor(
    private readonly config: Config,
    codecs?: Pick<Gate, 'impressions' | 'interactions'>,
    own?: OwnOfPlugins,
  ) {
    const { features, clean, wire, topics, join, output, transport } = config;
    this.misspelt = new MisspeltFields([...output.carry, ...textsIn([features.declared, features.state])]);
    const isMapped = wire.mapping !== undefined;
    // What tables say is not in a message.
    const ofMessages = (path: string): boolean => tableFieldOf(path) === undefined;
    const declared = features.declared
      .filter((each) => ofMessages(each.from) && (each.kind !== 'match' || ofMessages(each.with)))
      .map((each) =>
        each.kind === 'vector' && !ofMessages(each.query)
          ? { ...each, as: each.as.filter((use) => use !== 'query') }
          : each,
      );
    this.declared = declared.length > 0 ? new DeclaredReader(declared, clean.timeUnit, own?.values) : undefined;
    this.joins = new JoinCheck(join, transport.repartition === 'none');
    const fields = ownFields(this.declared, undefined);
    const plain = codecs ?? { impressions: jsonImpressions(isMapped), interactions: jsonInteractions(isMapped) };
    this.gate = {
      ...plainGate(config, plain),
      ...(wire.mapping === undefined
        ? {}
        : { mapping: compileTopicMapping(loadMapping(wire.mapping), wire.mapping, isOneTopic(topics)) }),
      ...(fields ? { own: fields } : {}),
      ...attributesOf(this.declared),
      ...(own?.rules ? { rules: own.rules } : {}),
    };
  }

  /** @returns the letters that it would become */
  take(input: InputName, record: LogRecord, partition = 0): readonly DeadLetter[] {
    const letters: DeadLetter[] = [];
    for (const decoded of decodeMessage(this.gate, input, record)) {
      if (decoded.kind === 'decoded') this.compareFields(input, record, decoded.value);
      const admitted = cleanMessage(this.gate, decoded);
      if (admitted.kind === 'rejected' && admitted.readCount === 0) this.counts.leftOut++;
      if (admitted.kind === 'interaction') {
        this.counts.interactions++;
        this.joins.takeInteraction(admitted.interaction, partition);
        continue;
      }
      this.counts[input] += admitted.readCount;
      letters.push(...admitted.deadLetters);
      if (admitted.kind !== 'list') continue;
      this.texts.take(admitted.list);
      this.joins.takeList(admitted.list, partition);
    }
    this.counts.deadLetters += letters.length;
    for (const { code } of letters.flatMap(({ refused }) => refused)) this.byCode[code] = (this.byCode[code] ?? 0) + 1;
    return letters;
  }

  get summary(): DryRunSummary {
    return {
      ...this.counts,
      byCode: this.byCode,
      duplicates: this.joins.duplicates,
      joins: this.joins.counts,
      misspelt: this.misspelt.fields,
      texts: textFinding(this.config.encoder, this.texts.texts),
      declared: Object.fromEntries(this.declared?.outcomes ?? []),
    };
  }

  /** A mapping names what it reads, so nothing is misspelt; of other formats than JSON, unknown fields stand in `context`. */
  private compareFields(input: InputName, { value }: LogRecord, decoded: object): void {
    if (this.gate.mapping !== undefined) return;
    if (this.gate[input].format === 'json')
      return this.misspelt.take(input, JSON.parse(new TextDecoder().decode(value ?? new Uint8Array(0))));
    const { context } = decoded as { readonly context?: object | null };
    this.misspelt.take(input, { ...context, ...decoded });
  }
}

/** Every text in a value, among them the paths that a section of the config names. */
function textsIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

function textFinding(encoder: Config['encoder'], texts: readonly string[]): TextFinding | null {
  // What a server does not know it does not tell.
  if (!encoder.enabled || encoder.kind === 'http' || texts.length === 0) return null;
  const model = encoder.model === 'builtin' ? chooseBuiltIn(texts.slice(0, CHOICE_TEXTS)).model : encoder.model;
  const fraction = unknownFraction(tokenShare({ ...encoder, model }, texts));
  return {
    model,
    textCount: texts.length,
    unknownFraction: Number(fraction.toFixed(4)),
    remedy: fraction > HIGH_UNKNOWN_FRACTION ? unknownRemedy(model) : null,
  };
}
