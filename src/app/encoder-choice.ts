import type { Codecs } from '../adapters/avro/index.js';
import { type BuiltInName, builtInOf } from '../adapters/onnx/encoder/built-in.js';
import { type BuiltInChoice, chooseBuiltIn } from '../adapters/onnx/encoder/token-share.js';
import { uniqueId } from '../adapters/system/index.js';
import type { Config } from '../config/schema.js';
import { SluiceError } from '../errors.js';
import { APPLICATION_HEADER } from '../pipeline/checkpoint/owner.js';
import type { Gate } from '../pipeline/admit.js';
import type { Clock } from '../ports/clock.js';
import type { Logger } from '../ports/logger.js';
import type { NewRecord, Transport } from '../ports/transport.js';
import { CHOICE_TEXTS, readFirstTexts } from './first-texts.js';
import { keptRecords } from './kept-records.js';

const ENCODER_HEADER = 'sluice.encoder';
/** Texts before a live stream's choice is made at its start; with fewer it waits for more. */
const LEAST_TEXTS = 32;
/** How long the first texts of a live stream wait for others to be chosen by. */
const GATHER_MS = 2_000;
const utf8 = new TextEncoder();

/** What stands in the checkpoints topic: a choice, or that there is none yet. */
interface EncoderRecord {
  readonly model: BuiltInName | null;
  readonly why: string;
}

/** Where a choice is kept and what it is made from. */
export interface ChoiceDeps {
  readonly transport: Pick<Transport, 'reader' | 'append' | 'committedAll'>;
  readonly logger: Pick<Logger, 'info'>;
  readonly clock: Pick<Clock, 'sleep'>;
  readonly untilEnd: boolean;
  readonly signal: AbortSignal;
}

/** True for a config that leaves the choice of the encoder to the first texts. */
export function leavesChoice({ encoder }: Pick<Config, 'encoder'>): boolean {
  return encoder.enabled && encoder.kind === 'onnx' && encoder.model === 'builtin' && encoder.tokenizer === 'builtin';
}

/** The config with the encoder that its application has chosen; English while it has not. */
export async function withRecordedEncoder(config: Config, transport: Pick<Transport, 'reader'>): Promise<Config> {
  if (!leavesChoice(config)) return config;
  return withModel(config, (await recorded(transport, config.application)) ?? null);
}

/**
 * The choice of `encoder.model: builtin`: one for the application, made once from the first texts of the impressions, kept
 * in the checkpoints topic and never changed. Of several that instances make at the same time, the first in the topic holds.
 */
export class EncoderChoice {
  private model: BuiltInName | null = null;

  constructor(
    private readonly config: Config,
    private readonly deps: ChoiceDeps,
    /** How the impressions topic is read. */
    private readonly reading: () => {
      readonly codecs: Pick<Codecs, 'impressions' | 'interactions'>;
      readonly mapping: Gate['mapping'];
    },
  ) {}

  /** True when it is known which encoder the stream embeds with. */
  get isMade(): boolean {
    return !leavesChoice(this.config) || this.model !== null;
  }

  /**
   * Takes what is on record, else chooses when there are texts enough. An application with state of a release that knew
   * one encoder stays with English.
   * @returns the config to run with; itself while nothing is chosen
   */
  async atStart(): Promise<Config> {
    if (!leavesChoice(this.config)) return this.config;
    const { transport, untilEnd } = this.deps;
    const known = await recorded(transport, this.config.application);
    this.model = known ?? null;
    if (this.model === null && known === undefined && (await hasProgress(transport)))
      await this.record({ model: 'builtin-en', why: 'the application has state of a release that knew no other' });
    if (this.model === null) {
      const texts = await this.firstTexts();
      if (texts.length >= (untilEnd ? 1 : LEAST_TEXTS)) await this.choose(texts);
      else if (known === undefined) await this.record({ model: null, why: 'there are no texts yet' });
    }
    return withModel(this.config, this.model);
  }

  /**
   * Chooses, if nobody has, before the first text of this process is embedded.
   * @throws encoder-chosen when it is another encoder than the one this process began with: the run has to begin anew
   */
  async atFirstText(texts: readonly string[]): Promise<void> {
    if (!leavesChoice(this.config) || this.model !== null) return;
    const { transport, untilEnd, clock, signal } = this.deps;
    this.model = (await recorded(transport, this.config.application)) ?? null;
    if (this.model === null) {
      if (!untilEnd) await clock.sleep(GATHER_MS, signal);
      await this.choose([...new Set([...(await this.firstTexts()), ...texts])].slice(0, CHOICE_TEXTS));
    }
    if (this.model !== builtInOf('builtin')) throw new SluiceError('encoder-chosen', { model: this.model ?? 'none' });
  }

  private firstTexts(): Promise<readonly string[]> {
    const { codecs, mapping } = this.reading();
    return readFirstTexts(this.config, this.deps.transport, codecs, mapping);
  }

  private async choose(texts: readonly string[]): Promise<void> {
    const choice = chooseBuiltIn(texts.filter((text) => text !== ''));
    await this.record({ model: choice.model, why: reasonOf(choice) });
  }

  /** Writes a choice, and takes the one that holds. */
  private async record(record: EncoderRecord): Promise<void> {
    const { transport, logger } = this.deps;
    const { application } = this.config;
    await transport.append([encoderRecord(application, record)]);
    this.model = (await recorded(transport, application)) ?? null;
    if (this.model === null) return;
    const why = this.model === record.model ? record.why : 'another instance was first';
    logger.info('text encoder chosen', { model: this.model, why });
  }
}

/** What a reset leaves: the old choices taken away, and a word that a new one may be made. */
export async function forgottenChoice(
  transport: Pick<Transport, 'reader'>,
  application: string,
): Promise<readonly NewRecord[]> {
  const keys = [...(await read(transport, application)).keys()];
  if (keys.length === 0) return [];
  const removals = keys.map(
    (key) => ({ topic: 'checkpoints', partition: 0, key: utf8.encode(key), value: null }) as const,
  );
  return [...removals, encoderRecord(application, { model: null, why: 'the application was reset' })];
}

function withModel(config: Config, model: BuiltInName | null): Config {
  // `builtin` itself stands for English, as it did when there was nothing else.
  if (model === null || model === builtInOf('builtin')) return config;
  return { ...config, encoder: { ...config.encoder, model } };
}

function reasonOf({ model, textCount, unknown }: BuiltInChoice): string {
  const share = (name: BuiltInName): string => `${(100 * unknown[name]).toFixed(1)} % to ${name}`;
  const others = `${share('builtin-en')}, ${share('builtin-zh')}`;
  return `of the tokens of the first ${textCount} texts ${others} are unknown; name encoder.model = ${model} to settle it in the config`;
}

function encoderRecord(application: string, record: EncoderRecord): NewRecord {
  return {
    topic: 'checkpoints',
    partition: 0,
    // A key of its own each: compaction must not leave the last of several.
    key: utf8.encode(`${prefixOf(application)}${uniqueId()}`),
    value: utf8.encode(JSON.stringify(record)),
    headers: { [APPLICATION_HEADER]: application, [ENCODER_HEADER]: record.model ?? 'none' },
  };
}

function prefixOf(application: string): string {
  return `${application}/encoder/`;
}

/** The first choice on record; null when the word is that there is none yet, undefined when there is no word. */
async function recorded(
  transport: Pick<Transport, 'reader'>,
  application: string,
): Promise<BuiltInName | null | undefined> {
  const records = [...(await read(transport, application)).values()];
  if (records.length === 0) return undefined;
  return records.find(({ model }) => model !== null)?.model ?? null;
}

/** The records of an application by key, oldest first. */
function read(transport: Pick<Transport, 'reader'>, application: string): Promise<ReadonlyMap<string, EncoderRecord>> {
  return keptRecords(transport, prefixOf(application));
}

async function hasProgress(transport: Pick<Transport, 'committedAll'>): Promise<boolean> {
  return [...(await transport.committedAll()).values()].some(({ progress }) => progress !== null);
}
