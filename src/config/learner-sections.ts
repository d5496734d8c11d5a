/** The sections `retrain.<learner>`, made from the tables of settings that the learners declare. */
import { z } from 'zod';
import type { Learner, Setting, SettingsTable } from '../learn/learners/learner.js';

type Section<Table extends SettingsTable> = z.ZodPrefault<
  z.ZodObject<{ [Name in keyof Table]: z.ZodDefault<z.ZodNumber> }, z.core.$strict>
>;
type TableOf<Declared> = Declared extends Learner<infer Table> ? Table : never;

/** One section a learner, under its name. */
export function learnerSections<Learners extends Readonly<Record<string, unknown>>>(
  learners: Learners,
): { [Name in keyof Learners]: Section<TableOf<Learners[Name]>> } {
  const sections = Object.entries(learners as Readonly<Record<string, Pick<Learner, 'settings'>>>).map(
    ([name, { settings }]) => [name, sectionOf(settings)] as const,
  );
  return Object.fromEntries(sections) as { [Name in keyof Learners]: Section<TableOf<Learners[Name]>> };
}

function sectionOf(table: SettingsTable) {
  const options = Object.entries(table).map(([name, setting]) => [name, optionOf(setting)] as const);
  return z.strictObject(Object.fromEntries(options)).prefault({});
}

function optionOf({ isInteger, above, atLeast, atMost, text, lightgbm, ...setting }: Setting) {
  let option = isInteger ? z.number().int() : z.number();
  if (above !== undefined) option = option.gt(above);
  if (atLeast !== undefined) option = option.min(atLeast);
  if (atMost !== undefined) option = option.max(atMost);
  return option.default(setting.default).describe(`${text}.${lightgbm ? ` In LightGBM: \`${lightgbm}\`.` : ''}`);
}
