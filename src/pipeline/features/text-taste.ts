import type { Builder, ColumnFamily } from './definitions.js';
import type { CapturedPart } from './family.js';
import { cosine, type Interests } from './interests.js';
import { Tastes } from './tastes.js';
import { type Texts, texts } from './texts.js';
import { Filled, type Values } from './values.js';

/** The cosine of each item's text with the decayed mean of the texts of what its user acted on; missing where one is. */
class TextTaste implements ColumnFamily<'taste'> {
  readonly parts: Readonly<Record<string, CapturedPart>>;
  private readonly texts: Texts;
  private readonly items: Interests;
  private readonly tastes: Tastes;

  constructor(private readonly builder: Builder) {
    const { encoder, features } = builder.settings;
    const { tasteHalfLifeMs } = features.text;
    this.texts = builder.family(texts);
    this.items = this.texts.remembered;
    this.tastes = new Tastes(tasteHalfLifeMs, features.maxInterestVectors);
    this.parts = { [`tastes text~${encoder}~${tasteHalfLifeMs}`]: this.tastes };
  }

  acted(_item: unknown, _reached: boolean, nowMs: number): void {
    const { person, items } = this.builder.event;
    const vector = this.items.vectorOf(items[0]!);
    if (vector) this.tastes.act(person, vector, nowMs);
  }

  values(): Values {
    return this.builder.add(
      new Filled((values, count) => {
        const taste = this.tastes.of(this.builder.keys.person) ?? null;
        for (let i = 0; i < count; i++) values[i] = cosine(this.texts.vectorAt(i) ?? null, taste);
      }),
    );
  }
}

export const textTaste = (builder: Builder): TextTaste => new TextTaste(builder);
