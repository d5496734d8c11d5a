import type { Verb } from '../verb.js';
import { benchVerb } from './bench.js';
import { chaosVerb } from './chaos.js';
import { compareVerb } from './compare.js';
import { configVerb } from './config.js';
import { deadLettersVerb } from './dead-letters.js';
import { demoVerb } from './demo.js';
import { describeVerb } from './describe.js';
import { dryRunVerb } from './dry-run.js';
import { dumpVerb } from './dump.js';
import { encoderVerb } from './encoder.js';
import { evaluateVerb } from './evaluate.js';
import { explainVerb } from './explain.js';
import { importVerb } from './import.js';
import { initVerb } from './init.js';
import { keyVerb } from './key.js';
import { lintVerb } from './lint.js';
import { planVerb } from './plan.js';
import { replayVerb } from './replay.js';
import { retrainVerb } from './retrain.js';
import { resetVerb } from './reset.js';
import { runVerb } from './run.js';
import { sendVerb } from './send.js';
import { simulateVerb } from './simulate.js';
import { snapshotVerb } from './snapshot.js';
import { storeVerb } from './store.js';
import { completionVerb } from './completion.js';
import { echoVerb } from './echo.js';
import { statusVerb } from './status.js';
import { tapVerb } from './tap.js';
import { testVerb } from './test.js';
import { topVerb } from './top.js';
import { tuneVerb } from './tune.js';
import { whyVerb } from './why.js';

/** Every verb, as the help lists them. */
export const VERB_GROUPS: readonly { readonly heading: string; readonly verbs: readonly Verb[] }[] = [
  { heading: 'Run it:', verbs: [runVerb, demoVerb, statusVerb, topVerb, tapVerb, configVerb, completionVerb] },
  {
    heading: 'Before a start or a change:',
    verbs: [initVerb, lintVerb, echoVerb, planVerb, dryRunVerb, testVerb, describeVerb, keyVerb],
  },
  { heading: 'Data in and out:', verbs: [importVerb, simulateVerb, sendVerb, dumpVerb] },
  { heading: 'Find out why:', verbs: [whyVerb, explainVerb, deadLettersVerb] },
  {
    heading: 'Models and policies:',
    verbs: [snapshotVerb, retrainVerb, encoderVerb, evaluateVerb, replayVerb, compareVerb, tuneVerb],
  },
  { heading: 'State:', verbs: [storeVerb, resetVerb] },
  { heading: 'Test it:', verbs: [chaosVerb, benchVerb] },
];
