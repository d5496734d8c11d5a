/** Options made of settings that are numbers, as learners and rules declare them. */
import { z } from 'zod';

/** A setting as it is declared beside what reads it. */
interface Setting {
  readonly default: number;
  readonly isInteger?: boolean;
  readonly above?: number;
  readonly atLeast?: number;
  readonly atMost?: number;
  readonly text: string;
  readonly lightgbm?: string;
}

/** An option for each setting of a table. */
export type Options<Table> = { [Name in keyof Table]: z.ZodDefault<z.ZodNumber> };

export function optionOf({ isInteger, above, atLeast, atMost, text, lightgbm, ...setting }: Setting) {
  let option = isInteger ? z.number().int() : z.number();
  if (above !== undefined) option = option.gt(above);
  if (atLeast !== undefined) option = option.min(atLeast);
  if (atMost !== undefined) option = option.max(atMost);
  return option.default(setting.default).describe(`${text}.${lightgbm ? ` In LightGBM: \`${lightgbm}\`.` : ''}`);
}
