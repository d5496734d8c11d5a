import { SluiceError } from '../errors.js';
import type { Part } from './parts.js';

const NAME = /^[A-Za-z][A-Za-z0-9-]{0,63}$/;
const VALUE_NAME = /^[A-Za-z][A-Za-z0-9_]{0,63}$/;

/** What each part must have, to say at once what is missing. */
const FUNCTIONS = { scorer: ['score'], learner: ['fit', 'members'], rule: [] } as const;
/** What a rule judges. */
const JUDGED = ['impression', 'interaction'] as const;

/**
 * The parts that a module exports; whatever else it exports is its own affair.
 * @throws SluiceError `plugin-invalid`, with what is wrong
 */
export function partsOf(file: string, exported: Readonly<Record<string, unknown>>): readonly Part[] {
  const refuse = (why: string): never => {
    throw new SluiceError('plugin-invalid', { file, why });
  };
  const parts = [...new Set(Object.values(exported))].filter(isPart);
  if (parts.length === 0)
    refuse('it exports nothing that defineScorer, defineColumns, defineLearner or defineRule of `sluice` returned');
  for (const part of parts) {
    if (part.sluice === 'columns') {
      for (const [name, value] of Object.entries(part.columns)) {
        if (!VALUE_NAME.test(name)) refuse(`a column cannot be called ${name}: a letter, then letters, digits and _`);
        if (typeof value !== 'function') refuse(`column ${name} is no function of (item, list)`);
      }
      continue;
    }
    const declared = (part as unknown as Record<string, unknown>)[part.sluice] as Record<string, unknown>;
    if (typeof declared['name'] !== 'string') refuse(`a ${part.sluice} has no name`);
    const name = String(declared['name']);
    if (!NAME.test(name))
      refuse(`a ${part.sluice} cannot be called ${name}: a letter, then letters, digits and hyphens`);
    if (typeof declared['summary'] !== 'string') refuse(`${part.sluice} ${name} has no summary`);
    for (const work of FUNCTIONS[part.sluice])
      if (typeof declared[work] !== 'function') refuse(`${part.sluice} ${name} has no function ${work}`);
    if (part.sluice === 'rule') {
      const given = JUDGED.filter((what) => declared[what] !== undefined);
      if (given.length === 0) refuse(`rule ${name} judges neither impression nor interaction`);
      for (const what of given)
        if (typeof declared[what] !== 'function') refuse(`rule ${name}: ${what} is no function`);
    }
    if (part.sluice === 'learner') {
      const { correction, settings } = part.learner;
      if (correction !== 'offsets' && correction !== 'weights')
        refuse(`learner ${name}: correction is offsets or weights`);
      if (typeof settings !== 'object' || settings === null) refuse(`learner ${name} has no settings; {} says none`);
      for (const [setting, one] of Object.entries(settings))
        if (!Number.isFinite(one?.default)) refuse(`learner ${name}: setting ${setting} has no default`);
    }
  }
  return parts;
}

function isPart(value: unknown): value is Part {
  if (typeof value !== 'object' || value === null || !('sluice' in value)) return false;
  const { sluice } = value as Part;
  return ['scorer', 'learner', 'columns', 'rule'].includes(sluice) && sluice in value;
}
