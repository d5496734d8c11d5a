import { describe, expect, it } from 'vitest';
import { changeClassOf } from '../../../src/config/changes.js';
import { refusalsOf, reorderSettings, STAGES_VERSION } from '../../../src/pipeline/settings/admission.js';
import { admissionOf } from '../instance.js';
import { configOf } from '../kit.js';

const now = admissionOf(configOf());

describe('what a stretch of input was read under', () => {
  it('goes on under this release where an earlier one read it that this one repeats, and is refused by name elsewhere', () => {
    expect(refusalsOf({ ...now, stages: 1 }, now, changeClassOf, '')).toEqual([]);
    const [refusal, ...more] = refusalsOf({ ...now, stages: STAGES_VERSION + 1 }, now, changeClassOf, '');
    expect(refusal).toMatchObject({ code: 'settings-changed' });
    expect(refusal!.message).toContain(`the version of the stages was ${STAGES_VERSION + 1} and is ${STAGES_VERSION}`);
    expect(more).toEqual([]);
  });

  it('of before anything was held is repeated without holding', () => {
    const config = configOf({ clean: { maxFutureMs: 90_000 }, join: { allowedLatenessMs: 60_000 } });
    expect(reorderSettings(config, 1)).toEqual({ allowedLatenessMs: 60_000, credibleMs: Infinity });
    expect(reorderSettings(config, STAGES_VERSION)).toEqual({ allowedLatenessMs: 60_000, credibleMs: 90_000 });
  });
});
