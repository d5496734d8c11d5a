import { chain } from '../stage.js';
import { clean } from './clean.js';
import { close } from './close.js';
import { commit } from './commit.js';
import { decode } from './decode.js';
import { embed } from './embed.js';
import { join } from './join.js';
import { order } from './order.js';
import { pseudonymise } from './pseudonymise.js';
import { read } from './read.js';
import { route } from './route.js';
import { score } from './score.js';
import { select } from './select.js';

/** From the log to the state: what a restart repeats. */
export const TO_STATE = chain(read).to(decode).to(clean).to(pseudonymise).to(order).each(chain(embed).to(join));

/** From the log to the outputs. */
export const PIPELINE = TO_STATE.to(close).to(score).to(select).to(route).to(commit);
