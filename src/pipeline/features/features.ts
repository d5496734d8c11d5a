import type { Config } from '../../config/schema.js';
import { hasHistory } from '../../events/asked-histories.js';
import { goalsText, leastGoals } from '../../events/goals.js';
import type { CleanInteraction, CleanList } from '../admitted.js';
import type { ShownList } from '../shown.js';
import type { Key, KeyOf } from '../state/keys.js';
import { compileColumns, type Compiled } from './compile.js';
import type { CapturedPart, Family, VectorOf } from './family.js';
import { type Histories, historiesOf } from './histories.js';
import { keptColumns } from './kept-columns.js';
import { SharedCounters } from './shared/shared-counters.js';
import { shownList } from './shown-list.js';
import { type UserAttributes, userAttributesOf } from './user-attributes.js';

export type { CapturedPart, VectorOf } from './family.js';

/**
 * The features of one partition: what they remember, and what becomes of it at each event. A list is located, its rows are
 * written (or not), and then it is counted with `shown`, in this order and with nothing between. What is remembered is a
 * function of the events alone.
 */
export class Features {
  /** Numbers a row. */
  readonly width: number;
  /** What samples carry of what came before; undefined: nothing. */
  readonly histories: Histories | undefined;
  /** What partitions tell each other; undefined: nothing. */
  readonly shared: SharedCounters | undefined;
  /** What interactions bring of their users; undefined: nothing. */
  readonly attributes: UserAttributes | undefined;
  /** Items that there is room for in what columns are computed into. */
  private room = 0;
  private readonly compiled: Compiled;
  private readonly located: readonly With<'locate'>[];
  private readonly shownTo: readonly With<'shown'>[];
  private readonly actedTo: readonly With<'acted'>[];
  private readonly clickedTo: readonly With<'clicked'>[];

  constructor(
    config: Pick<Config, 'features' | 'label' | 'encoder'>,
    readonly keyOf: KeyOf,
  ) {
    const columns = keptColumns(config.features);
    const settings = { features: config.features, goal: goalsText(config.label), encoder: encoderOf(config, keyOf) };
    this.width = columns.length;
    this.compiled = compileColumns(
      columns.map(({ of }) => of),
      settings,
      keyOf,
    );
    this.histories = historiesOf(config.features.history, this.compiled.keys.space);
    this.attributes = userAttributesOf(config.features, this.compiled.keys.space);
    const { families, tables } = this.compiled;
    const { counters, shareEveryMs } = config.features;
    this.shared = counters === 'shared' ? new SharedCounters(tables, shareEveryMs) : undefined;
    this.located = families.filter(has('locate'));
    this.shownTo = families.filter(has('shown'));
    this.actedTo = families.filter(has('acted'));
    this.clickedTo = families.filter(has('clicked'));
  }

  /** Key of the session that the list located last was shown to. */
  get session(): Key {
    return this.compiled.keys.session;
  }

  /** Keys of the items of the list located last; valid until the next list. */
  get itemKeys(): Float64Array {
    return this.compiled.keys.items;
  }

  sessionKeyOf(session: string): Key {
    return this.compiled.keys.space.session(session);
  }

  /** Finds everything that a list stands under, as of its turn. */
  locate(list: CleanList, nowMs: number, vectorOf: VectorOf): void {
    this.compiled.keys.ofList(list);
    for (const family of this.located) family.locate(list, nowMs, vectorOf);
  }

  /**
   * Writes the rows of the list located last from the state before it, of which it changes nothing.
   * @param rows at least items × width, row-major; every column of every row is written
   */
  write(list: CleanList, nowMs: number, rows: Float32Array): void {
    const { steps, columns } = this.compiled;
    const { width } = this;
    const count = list.items.length;
    if (count > this.room) {
      this.room = 2 * count;
      for (const step of steps) step.hold(this.room);
    }
    for (const step of steps) step.fill(list, nowMs);
    for (let at = 0; at < width; at++) {
      const { values } = columns[at]!;
      for (let i = 0, to = at; i < count; i++, to += width) rows[to] = values[i]!;
    }
  }

  /**
   * Writes the rows that a list would have if its turn were now, and changes nothing that is remembered. No list is located
   * afterwards.
   * @param rows as for {@link write}
   */
  look(list: CleanList, nowMs: number, vectorOf: VectorOf, rows: Float32Array): void {
    const { tables } = this.compiled;
    for (const table of tables) table.beginLook();
    try {
      const known = this.attributes?.into(list) ?? list;
      this.locate(known, nowMs, vectorOf);
      this.write(known, nowMs, rows);
    } finally {
      for (const table of tables) table.endLook();
    }
  }

  /** Counts the list located last as shown. */
  shown(list: CleanList, nowMs: number): void {
    for (const family of this.shownTo) family.shown(list, nowMs);
    this.histories?.shown(list, nowMs);
  }

  /** What stays of the list located last while it waits for its outcome. */
  retained(list: CleanList, impressionKeys: Float64Array): ShownList {
    return shownList(list, this.compiled.keys, impressionKeys);
  }

  /**
   * Counts an interaction, with or without an impression (list and index) it belongs to.
   * @param reached true when it is as strong as the goal
   */
  acted(
    interaction: CleanInteraction,
    impression: { readonly list: ShownList; readonly index: number } | undefined,
    reached: boolean,
    nowMs: number,
  ): void {
    const item = impression?.list.items[impression.index];
    this.compiled.event.ofInteraction(interaction, item, impression?.list);
    for (const family of this.actedTo) family.acted(item, reached, nowMs, interaction.type);
    this.histories?.acted(interaction, impression?.list, nowMs);
  }

  /** Counts the first interaction of an impression that reached the goal, on everything the impression stood under. */
  clicked(list: ShownList, index: number, nowMs: number): void {
    this.compiled.event.ofImpression(list, index);
    for (const family of this.clickedTo) family.clicked(nowMs);
  }

  /** The parts of the state by name, for checkpoints. */
  tables(): Readonly<Record<string, CapturedPart>> {
    const shared = this.shared && { shared: this.shared };
    const { parts } = this.compiled;
    return Object.assign({}, ...parts, this.histories?.parts, this.attributes?.parts, shared) as Record<
      string,
      CapturedPart
    >;
  }
}

type With<Name extends keyof Family> = Family & Required<Pick<Family, Name>>;

const has =
  <Name extends keyof Family>(name: Name) =>
  (family: Family): family is With<Name> =>
    family[name] !== undefined;

/**
 * Changes with every setting that changes a text's vector. What `own` stands for is said as it was before there was a
 * choice, so that what an older release has kept is still found.
 */
function encoderOf({ encoder }: Pick<Config, 'encoder'>, keyOf: KeyOf): string {
  const { enabled, kind, server, model, tokenizer, sha256, pooling, textForm, prefix, maxTokens } = encoder;
  const facts = [
    enabled,
    model === 'builtin-en' ? 'builtin' : model,
    tokenizer,
    sha256,
    pooling === 'own' && model !== 'builtin-zh' ? 'mean' : pooling,
    prefix,
    maxTokens,
    ...(textForm === 'own' ? [] : [textForm]),
    ...(kind === 'http' ? [server.api, server.model] : []),
  ];
  return keyOf(JSON.stringify(facts)).toString(36);
}

/** Names everything that what is remembered depends on besides the events: under another name other counters were kept. */
export function shapeOf(config: Pick<Config, 'features' | 'label' | 'encoder' | 'privacy'>, keyOf: KeyOf): string {
  // Short: it stands in the progress record, of which 4 kB must hold everything.
  // Columns of text vectors but for the taste remember nothing, and without state of one's own, or histories, all is as before there were any.
  const isLeftOut = (name: string): boolean =>
    name === 'text' ||
    ((name === 'counters' || name === 'shareEveryMs') && config.features.counters === 'partition') ||
    (name === 'state' && config.features.state.length === 0) ||
    (name === 'history' && !hasHistory(config.features.history));
  const facts = Object.fromEntries(Object.entries(config.features).filter(([name]) => !isLeftOut(name)));
  // Sessions and users are remembered by their pseudonyms.
  const { replaces } = config.privacy;
  const ofKey = replaces === '' ? [] : [replaces];
  const { taste, tasteHalfLifeMs } = config.features.text;
  const ofTaste = taste ? [{ tasteHalfLifeMs }] : [];
  return shortHash([facts, leastGoals(config.label), encoderOf(config, keyOf), ...ofKey, ...ofTaste], keyOf);
}

/** Six characters that stand for something, in the progress record. */
export function shortHash(of: unknown, keyOf: KeyOf): string {
  return keyOf(JSON.stringify(of)).toString(36).slice(-6);
}
