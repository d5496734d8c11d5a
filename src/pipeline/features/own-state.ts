import type { Config } from '../../config/schema.js';
import type { StateFeature } from '../../config/state-schema.js';
import { declaredNumbers } from '../declared.js';
import { column, type DefinedColumn } from './columns/column.js';
import { type Definition, part, SURFACE_RATE } from './definitions.js';
import type { OwnKind } from './key-kinds.js';
import { lastValues } from './last-values.js';
import type { Moment } from './moments.js';
import type { Observed } from './own-average.js';
import { keyNames, ownCategory, ownKind } from './own-kinds.js';
import { UNIT_MS } from '../units.js';

type Declaring = Pick<Config['features'], 'declared' | 'state'>;
type StateRate = Extract<StateFeature, { kind: 'rate' }>;
type StateLast = Extract<StateFeature, { kind: 'last' }>;

const TOLD: Partial<Record<Moment, string>> = {
  shown: 'impressions',
  acted: 'interactions',
  reached: 'interactions that reached the goal',
  clicked: 'clicks',
};

/** The columns of `features.state`, one a line, in their order. */
export function stateColumns(features: Declaring): readonly DefinedColumn[] {
  const kinds = kindsOf(features);
  return features.state.flatMap((feature) => {
    const { name, by } = feature;
    const of = kinds.get(by.join(' '))!;
    const under = `of the same ${by.join(' and ')}`;
    switch (feature.kind) {
      case 'count': {
        const halfLife = feature.halfLifeMs ?? null;
        const decayed = halfLife === null ? '' : `, half-life ${halfLife} ms`;
        return column(name, told(feature.of), `${told(feature.of)} ${under}${decayed}`, {
          is: 'count',
          of,
          moment: feature.of,
          halfLife,
        });
      }
      case 'rate': {
        const halfLife = feature.halfLifeMs ?? 'long';
        const decayed = typeof halfLife === 'number' ? `half-life ${halfLife} ms` : 'long half-life';
        const above = feature.of ?? 'clicked';
        const below = feature.over ?? 'shown';
        const isClicks = above === 'clicked' && below === 'shown';
        const meaning = isClicks ? `click-through ${under}` : `${told(above)} over ${told(below)} ${under}`;
        return column(name, 'probability', `${meaning}, ${decayed}`, rateOf(feature, of, features));
      }
      case 'window': {
        const { windowMs, of: moment } = feature;
        const meaning = `${told(moment)} ${under} in a sliding window of ${windowMs} ms`;
        return column(name, told(moment), meaning, { is: 'window', of, moment, windowMs });
      }
      case 'average':
        return column(name, 'as sent', `moving average of ${feature.value} over the showings ${under}`, {
          is: 'mean',
          of,
          what: observedOf(feature, features),
        });
      case 'last':
        return lastColumns(feature, of, features);
      case 'since':
        return column(name, feature.unit, `time since the last of the ${told(feature.of)} ${under}`, {
          is: 'since',
          which: 'last',
          of,
          moments: [feature.of],
          unitMs: UNIT_MS[feature.unit],
          otherwise: NaN,
        });
    }
  });
}

/** What is wrong with the lines of `features.state`; null: nothing. */
export function stateProblem(features: Declaring): string | null {
  const keys = keyNames(features);
  const values = ['price', 'position', ...declaredNumbers(features.declared).map(({ name }) => name)];
  for (const feature of features.state) {
    const unknown = feature.by.find((name) => !keys.includes(name));
    if (unknown !== undefined)
      return `${feature.name} is by ${unknown}, which is no category of features.declared; others are ${keys.join(', ')}`;
    if (new Set(feature.by).size < feature.by.length) return `${feature.name} names a key twice`;
    if (feature.kind === 'last' && !ownCategory(feature.value, features))
      return `${feature.name} is the last ${feature.value}, which is no category of features.declared`;
    if (feature.kind === 'average' && !values.includes(feature.value))
      return `${feature.name} averages ${feature.value}; known are ${values.join(', ')}`;
  }
  return null;
}

/** One kind a set of keys: what is remembered under the same keys shares a table. */
function kindsOf(features: Declaring): ReadonlyMap<string, OwnKind> {
  const lines = new Map<string, StateFeature[]>();
  for (const feature of features.state) {
    const key = feature.by.join(' ');
    lines.set(key, [...(lines.get(key) ?? []), feature]);
  }
  return new Map(
    [...lines].map(([key, together]) => [key, ownKind(together[0]!.by, features, !together.some(countsShowings))]),
  );
}

function countsShowings(feature: StateFeature): boolean {
  if (feature.kind === 'rate') return [feature.of, feature.over ?? 'shown'].includes('shown');
  return feature.kind === 'average' || feature.of === 'shown';
}

/** Other pairs than clicks over impressions are smoothed towards the same of their surface. */
function rateOf(feature: StateRate, of: OwnKind, features: Declaring): Definition {
  const { of: above = 'clicked', over = 'shown', halfLifeMs, smoothing } = feature;
  const halfLife = halfLifeMs ?? 'long';
  const isClicks = above === 'clicked' && over === 'shown';
  if (isClicks && smoothing === undefined) return { is: 'rate', of, halfLife, towards: SURFACE_RATE };
  const pair = { of: above, over, ...(smoothing === undefined ? {} : { smoothing }) };
  const all = { ...ownKind(['surface'], features, false), name: 'surface of rates' };
  const towards: Definition = isClicks ? SURFACE_RATE : { is: 'rate', of: all, halfLife, towards: null, pair };
  return { is: 'rate', of, halfLife, towards, pair };
}

function lastColumns(feature: StateLast, of: OwnKind, features: Declaring): readonly DefinedColumn[] {
  const { name, value, oneHot, of: moment, by } = feature;
  const what = { ...ownCategory(value, features)!, oneHot };
  const last = `the last ${value} of the ${told(moment)} of the same ${by.join(' and ')}`;
  const values = lastValues(of, moment, what);
  return [
    column(name, '0/1', `the item has ${last}`, part(values, 'same')),
    ...Array.from({ length: oneHot }, (_, bucket) =>
      column(`${name}${bucket}`, '0/1', `${last} has the hash ${bucket} of ${oneHot}`, part(values, `hot ${bucket}`)),
    ),
  ];
}

function observedOf({ value, step }: StateFeature & { readonly kind: 'average' }, { declared }: Declaring): Observed {
  if (value === 'price') return { name: `price~${step}`, step, of: ({ price }) => price };
  if (value === 'position') return { name: `position~${step}`, step, of: ({ position }) => position };
  const numbers = declaredNumbers(declared);
  const at = numbers.findIndex(({ name }) => name === value);
  return {
    name: `${JSON.stringify(numbers[at])}~${step}`,
    step,
    of: ({ declared: own }) => own?.numbers[at] ?? null,
  };
}

const told = (moment: Moment): string => TOLD[moment] ?? `interactions of type ${moment}`;
