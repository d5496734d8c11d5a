/** The sections `retrain.<learner>`, made from the tables of settings that the learners declare. */
import { z } from 'zod';
import type { Learner, SettingsTable } from '../learn/learners/learner.js';
import { optionOf, type Options } from './setting-options.js';

type Section<Table extends SettingsTable> = z.ZodPrefault<z.ZodObject<Options<Table>, z.core.$strict>>;
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
