import type {
  DeclaredCategory,
  DeclaredFeature,
  DeclaredNumber,
  DeclaredVector,
} from '../../../config/declared-schema.js';
import { declaredCategories, declaredNumbers, declaredVectors, queryColumn } from '../../declared.js';
import { column, type DefinedColumn } from '../columns/column.js';
import { lessList, ofItem, part, rankInList, toList } from '../definitions.js';
import { declaredValues } from './values.js';
import { declaredVector } from './vectors.js';

/** The columns of declared features, feature by feature in the order in which they are declared. */
export function declaredColumns(features: readonly DeclaredFeature[]): readonly DefinedColumn[] {
  const places = new Map<DeclaredFeature, number>(
    [declaredNumbers(features), declaredCategories(features), declaredVectors(features)].flatMap((sort) =>
      sort.map((feature, at): [DeclaredFeature, number] => [feature, at]),
    ),
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
        return [column(name, '0/1', `${from} is true`, number)];
      case 'time':
        return [column(name, feature.unit, `time from ${from} to the event; negative where it lies ahead`, number)];
      case 'category':
        return categoryColumns(feature, at, categories);
      case 'vector':
        return vectorColumns(feature, at);
    }
  });
}

function numberColumns(
  { name, from, clip, log, inList }: DeclaredNumber,
  number: ReturnType<typeof ofItem>,
): readonly DefinedColumn[] {
  const clipped = clip ? `, within ${clip[0]} and ${clip[1]}` : '';
  const meaning = log ? `sign(x)·ln(1 + |x|) of ${from}${clipped}` : `${from}${clipped}`;
  const compared = {
    rank: column(`${name}Rank`, '0..1', `share of the list's other items with a lower ${name}`, rankInList(number)),
    ratio: column(`${name}ToList`, 'ratio', `${name} over the mean of the list`, toList(number)),
    difference: column(`${name}LessList`, 'as sent', `${name} less the mean of the list`, lessList(number)),
  };
  return [column(name, 'as sent', meaning, number), ...inList.map((kind) => compared[kind])];
}

function categoryColumns(
  { name, from, rate, shown, oneHot }: DeclaredCategory,
  at: number,
  of: ReturnType<typeof declaredValues>,
): readonly DefinedColumn[] {
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
  ];
}

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
