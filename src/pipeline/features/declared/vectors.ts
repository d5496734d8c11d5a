import type { DeclaredVector } from '../../../config/declared-schema.js';
import type { CleanList } from '../../admitted.js';
import type { Builder, ColumnFamily, MakeFamily } from '../definitions.js';
import type { CapturedPart } from '../family.js';
import { cosine, dot, Interests } from '../interests.js';
import { Projection } from '../projection.js';
import { Tastes } from '../tastes.js';
import { Filled, type Values } from '../values.js';

/**
 * Columns of a declared vector: `value N`, `Projection N`, and cosines: `interest` (with the moving average of the items
 * that the session acted on), `taste` (with what the user acted on, decayed), `list` (with the mean of the list's unit
 * vectors), `query`. Missing where a vector is.
 */
export const declaredVector =
  (feature: DeclaredVector, at: number): MakeFamily<ColumnFamily<string>> =>
  (builder) =>
    new DeclaredVectors(builder, feature, at);

class DeclaredVectors implements ColumnFamily<string> {
  private readonly interests: Interests | undefined;
  private readonly tastes: Tastes | undefined;
  private projection: Projection | undefined;
  private mean = new Float32Array(0);

  constructor(
    private readonly builder: Builder,
    private readonly feature: DeclaredVector,
    private readonly at: number,
  ) {
    const { maxInterestVectors } = builder.settings.features;
    const hasTaste = feature.as.includes('taste');
    // These know the vectors of items.
    if (feature.as.includes('interest') || hasTaste) this.interests = new Interests(maxInterestVectors);
    if (hasTaste) this.tastes = new Tastes(feature.tasteHalfLifeMs ?? TASTE_HALF_LIFE_MS, maxInterestVectors);
  }

  get parts(): Readonly<Record<string, CapturedPart>> {
    const { name, from, dimension, tasteHalfLifeMs } = this.feature;
    const vector = `${name}~${from}~${dimension}`;
    return {
      ...(this.interests ? { [`interests ${vector}`]: this.interests } : {}),
      ...(this.tastes ? { [`tastes ${vector}~${tasteHalfLifeMs ?? TASTE_HALF_LIFE_MS}`]: this.tastes } : {}),
    };
  }

  /** Remembers the vectors of the items, so that a later interaction finds them. */
  shown({ items }: CleanList): void {
    if (!this.interests) return;
    for (let i = 0; i < items.length; i++) {
      const vector = this.vectorOf(items[i]!);
      if (vector) this.interests.rememberItem(this.builder.keys.items[i]!, unitOf(vector));
    }
  }

  acted(_item: unknown, _reached: boolean, nowMs: number): void {
    const { session, person, items } = this.builder.event;
    this.interests?.act(session, items[0]!);
    const vector = this.tastes && this.interests?.vectorOf(items[0]!);
    if (vector) this.tastes?.act(person, vector, nowMs);
  }

  values(name: string): Values {
    const [what, number] = name.split(' ');
    const place = Number(number);
    switch (what) {
      case 'value':
        return this.each((vector) => vector[place]!);
      case 'Projection':
        return this.each((vector) => this.project(vector, place));
      case 'query':
        return this.each((vector, { declared }) => cosine(vector, declared?.queryVectors[this.at] ?? null));
      case 'interest':
        return this.each((vector) => cosine(vector, this.interests?.of(this.builder.keys.session) ?? null));
      case 'taste':
        return this.each((vector) => cosine(vector, this.tastes?.of(this.builder.keys.person) ?? null));
      default:
        return this.builder.add(
          new Filled((values, count, { items }) => {
            const mean = this.meanOf(items);
            for (let i = 0; i < count; i++) values[i] = cosine(this.vectorOf(items[i]!), mean);
          }),
        );
    }
  }

  private each(valueOf: (vector: Float32Array, item: CleanList['items'][number]) => number): Values {
    return this.builder.add(
      new Filled((values, count, { items }) => {
        for (let i = 0; i < count; i++) {
          const vector = this.vectorOf(items[i]!);
          values[i] = vector ? valueOf(vector, items[i]!) : NaN;
        }
      }),
    );
  }

  private vectorOf({ declared }: CleanList['items'][number]): Float32Array | null {
    return declared?.vectors[this.at] ?? null;
  }

  /** Mean of the unit vectors of the items that have one; null for none. */
  private meanOf(items: CleanList['items']): Float32Array | null {
    const { dimension } = this.feature;
    if (this.mean.length === 0) this.mean = new Float32Array(dimension);
    this.mean.fill(0);
    let isKnown = false;
    for (const item of items) {
      const vector = this.vectorOf(item);
      const norm = vector ? Math.sqrt(dot(vector, vector)) : 0;
      if (!vector || norm === 0) continue;
      isKnown = true;
      for (let i = 0; i < dimension; i++) this.mean[i]! += vector[i]! / norm;
    }
    return isKnown ? this.mean : null;
  }

  private project(vector: Float32Array, column: number): number {
    const { name, dimension, projection } = this.feature;
    this.projection ??= new Projection(this.builder.keys.space.declared(name), projection, dimension);
    return this.projection.of(vector, column);
  }
}

const TASTE_HALF_LIFE_MS = 30 * 86_400_000;

function unitOf(vector: Float32Array): Float32Array {
  const norm = Math.sqrt(dot(vector, vector));
  return norm > 0 ? vector.map((value) => value / norm) : vector;
}
