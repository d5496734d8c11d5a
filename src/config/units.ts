import { z } from 'zod';

/** What names of environment variables look like. */
export const ENVIRONMENT_VARIABLE = /^[A-Za-z_][A-Za-z0-9_]*$/;
/** Name of an environment variable. */
export const environmentVariable = z.string().regex(ENVIRONMENT_VARIABLE);
/** A path in an impression list: `items.…` begins at the item. */
export const messagePath = z.string().regex(/^(?!items\.?$)[^.\s]+(\.[^.\s]+)*$/, {
  message: 'expected a path in the impression list, such as items.attributes.score or context.country',
});
/** A share, 0 to 1. */
export const fraction = z.number().min(0).max(1);
/** A length of time or a time, whole milliseconds. */
export const ms = z.number().int().nonnegative();
/** How many of something, at least one. */
export const count = z.number().int().positive();
/** A size, whole bytes. */
export const bytes = z.number().int().positive();
/** A part of a plugin. */
export const ownPart = z.templateLiteral(['own:', z.string().min(1)]);
/** Its pattern in JSON Schema. */
export const OWN_PART = '^own:[\\s\\S]{1,}$';
