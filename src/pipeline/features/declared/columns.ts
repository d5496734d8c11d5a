import type {
  DeclaredCategory,
  DeclaredFeature,
  DeclaredMatch,
  DeclaredNumber,
  DeclaredVector,
} from '../../../config/declared-schema.js';
import { declaredCategories, declaredMatches, declaredNumbers, declaredVectors, queryColumn } from '../../declared.js';
import { column, type DefinedColumn } from '../columns/column.js';
import { type Definition, inRange, lessList, lessMedian, ofItem, part, rankInList, toList } from '../definitions.js';
import { listShare } from './list-share.js';
import { matchColumn } from './matches.js';
import { declaredValues } from './values.js';
import { declaredVector } from './vectors.js';

/** The columns of declared features, feature by feature in the order in which they are declared. */
export function declaredColumns(features: readonly DeclaredFeature[]): readonly DefinedColumn[] {
  const places = new Map<DeclaredFeature, number>(
    [
      declaredNumbers(features),
      declaredCategories(features),
      declaredVectors(features),
      declaredMatches(features),
    ].flatMap((sort) => sort.map((feature, at): [DeclaredFeature, number] => [feature, at])),
  );
  const categories = declaredValues(declaredCategories(features));
  return features.flatMap((feature): readonly DefinedColumn[] => {
    const at = places.get(feature)!;
    const number = ofItem(({ declared }) => declared?.numbers[at] ?? NaN);
    const { name, from } = feature;
    switch (feature.kind) {
      case 'number':
        return numberColumns(feature, number);
      case 'boolean':
        return [column(name, '0/1', feature.take ? `${from} is that of a program` : `${from} is true`, number)];
      case 'time':
        return [column(name, feature.unit, `time from ${from} to the event; negative where it lies ahead`, number)];
      case 'category':
        return categoryColumns(feature, at, categories);
      case 'vector':
        return vectorColumns(feature, at);
      case 'match':
        return matchColumns(feature, at);
    }
  });
}

function numberColumns(feature: DeclaredNumber, number: Definition): readonly DefinedColumn[] {
  const { name, from, take, clip, scale, log } = feature;
  const taken = take ? `${take} of ${from}` : from;
  const clipped = clip ? `, within ${clip[0]} and ${clip[1]}` : '';
  const scaled = scale ? `, from ${scale[0]} to ${scale[1]} as 0 to 1` : '';
  const meaning = (log ? `sign(x)·ln(1 + |x|) of ${taken}${clipped}` : `${taken}${clipped}`) + scaled;
  return [column(name, 'as sent', meaning, number), ...comparedColumns(feature, number)];
}

/** The columns that compare a number with the list. */
function comparedColumns(
  { name, inList, top = Infinity }: Pick<DeclaredNumber, 'name' | 'inList' | 'top'>,
  number: Definition,
): readonly DefinedColumn[] {
  const first = top === Infinity ? '' : ` of the first ${top} items`;
  const compared = {
    rank: () =>
      column(`${name}Rank`, '0..1', `share of the list's other items with a lower ${name}`, rankInList(number)),
    ratio: () => column(`${name}ToList`, 'ratio', `${name} over the mean of the list`, toList(number)),
    difference: () => column(`${name}LessList`, 'as sent', `${name} less the mean of the list`, lessList(number)),
    median: () =>
      column(`${name}LessMedian`, 'as sent', `${name} less its median in the list${first}`, lessMedian(number, top)),
    range: () =>
      column(
        `${name}InRange`,
        '0..1',
        `${name} between the least and the most of the list${first}`,
        inRange(number, top),
      ),
  };
  return inList.map((kind) => compared[kind]());
}

function matchColumns(feature: DeclaredMatch, at: number): readonly DefinedColumn[] {
  const { name, from, by, n } = feature;
  const sought = feature.with;
  const meanings = {
    terms: ['0..1', `words of ${sought} and ${from} over words of either`],
    covered: ['0..1', `share of the words of ${sought} that are in ${from}`],
    ngrams: ['0..1', `runs of ${n} letters of ${sought} and ${from} over those of either`],
    bm25: ['score', `BM25 of ${sought} in ${from}, over the items shown before`],
  } as const;
  const of = matchColumn(feature, at);
  const [unit, meaning] = meanings[by];
  return [column(name, unit, meaning, of), ...comparedColumns(feature, of)];
}

function categoryColumns(
  { name, from: path, take, rate, shown, oneHot, values = [], index, inList = [], top = Infinity }: DeclaredCategory,
  at: number,
  of: ReturnType<typeof declaredValues>,
): readonly DefinedColumn[] {
  const from = take ? `${take} of ${path}` : path;
  const valued = values.map((value, i) =>
    column(`${name}Is${/^\w+$/.test(value) ? value : i}`, '0/1', `a value of ${from} is ${value}`, isValue(at, value)),
  );
  const hashed = Array.from({ length: oneHot }, (_, bucket) =>
    column(
      `${name}${bucket}`,
      '0/1',
      `a value of ${from} has the hash ${bucket} of ${oneHot}`,
      part(of, `hot ${at} ${bucket}`),
    ),
  );
  return [
    ...(rate
      ? [column(`${name}Rate`, 'probability', `click-through of the value of ${from}`, part(of, `rate ${at}`))]
      : []),
    ...(shown
      ? [column(`${name}Shown`, 'impressions', `impressions of the value of ${from}`, part(of, `shown ${at}`))]
      : []),
    ...hashed,
    ...valued,
    ...(index
      ? [column(`${name}Index`, 'place', `place of ${from} among its values, 0 beyond`, placeOf(at, values))]
      : []),
    ...inList.map((kind) => {
      const share = top === Infinity ? "share of the list's values" : `share of the values of the first ${top} items`;
      return column(`${name}Share`, '0..1', `${share} of ${from} that are of this item's`, listShare(kind, at, top));
    }),
  ];
}

const isValue = (at: number, value: string): Definition =>
  ofItem(({ declared }) => {
    const own = declared?.categories[at] ?? [];
    return own.length === 0 ? NaN : Number(own.includes(value));
  });

const placeOf = (at: number, values: readonly string[]): Definition =>
  ofItem(({ declared }) => {
    const first = declared?.categories[at]?.[0];
    return first === undefined ? NaN : values.indexOf(first) + 1;
  });

function vectorColumns(feature: DeclaredVector, at: number): readonly DefinedColumn[] {
  const { name, from, dimension, projection } = feature;
  const of = declaredVector(feature, at);
  const block = (suffix: string, count: number, what: string): readonly DefinedColumn[] =>
    Array.from({ length: count }, (_, i) =>
      column(`${name}${suffix}${i}`, 'as sent', `${what} ${i} of ${from}`, part(of, `${suffix || 'value'} ${i}`)),
    );
  const made = {
    values: () => block('', dimension, 'number'),
    projection: () => block('Projection', projection, 'random projection'),
    interest: () => [
      column(`${name}Interest`, 'cosine', `${from} beside the mean of what the session acted on`, part(of, 'interest')),
    ],
    taste: () => [
      column(`${name}Taste`, 'cosine', `${from} beside the decayed mean of what the user acted on`, part(of, 'taste')),
    ],
    list: () => [column(`${name}List`, 'cosine', `${from} beside the mean of the list`, part(of, 'list'))],
    query: () => [column(queryColumn(name), 'cosine', `${from} beside ${feature.query}`, part(of, 'query'))],
  };
  return feature.as.flatMap((use) => made[use]());
}
