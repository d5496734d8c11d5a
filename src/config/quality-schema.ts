/** The section on label quality, apart from the rest only to keep files short. */
import { z } from 'zod';
import { RULES } from '../conduct/rules.js';
import { ruleSections } from './rule-sections.js';
import { ms, ownPart } from './units.js';

const contradicted = z.strictObject({
  action: z
    .enum(['off', 'flag'])
    .default('flag')
    .describe(
      '`flag`: samples of a user (else session) whose labels keep contradicting the committee say so in `flags`.',
    ),
  maxLabelProbability: z
    .number()
    .gt(0)
    .lt(0.5)
    .default(0.02)
    .describe('A label contradicts the committee when every member gave it at most this probability.'),
  minContradictions: z
    .number()
    .min(1)
    .default(5)
    .describe(
      'A source is flagged when its contradictions reach this number × (1 + contradictions that the committee itself expects).',
    ),
  halfLifeMs: ms.min(1_000).default(86_400_000).describe('Half-life of the contradictions counted, event time.'),
  atMost: z
    .number()
    .gt(0)
    .max(1)
    .default(1)
    .describe(
      'Cap of the inclusion probability of flagged samples, so that they cannot eat the budget; weights and offsets stay exact. 1: no cap.',
    ),
});

/** Rules on conduct before the join, and labels that contradict the committee. */
export const quality = z.strictObject({
  rules: z.strictObject(ruleSections(RULES)).prefault({}),
  contradicted: contradicted.prefault({}),
  own: z
    .array(ownPart)
    .refine((names) => new Set(names).size === names.length, { message: 'a rule is named twice' })
    .default([])
    .describe('Rules of your plugins, `own:NAME`, that refuse single messages, in this order (docs/how/own-code.md).'),
});
