import { z } from 'zod';

/** A share, 0 to 1. */
export const fraction = z.number().min(0).max(1);
/** A length of time or a time, whole milliseconds. */
export const ms = z.number().int().nonnegative();
/** How many of something, at least one. */
export const count = z.number().int().positive();
/** A size, whole bytes. */
export const bytes = z.number().int().positive();
