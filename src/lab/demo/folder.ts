import { accessSync, constants, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Where a demo keeps its files. */
export interface DemoFolder {
  readonly path: string;
  /** The config it runs with, ready for further commands. */
  readonly configFile: string;
  /** Log lines, JSON. */
  readonly logFile: string;
}

/** What an earlier demo left and a new one replaces; text vectors stay, so that a second demo starts warm. */
const REPLACED = ['store', 'sluice.yaml', 'sluice.log'];

/**
 * Makes the folder ready: what an earlier demo left in it goes, nothing else does. Where the wanted place cannot be
 * written, a new folder in the system's temporary one takes its place.
 */
export function prepareDemoFolder(wanted: string): DemoFolder {
  const path = isWritable(wanted) ? wanted : mkdtempSync(join(tmpdir(), 'sluice-demo-'));
  for (const name of REPLACED) rmSync(join(path, name), { recursive: true, force: true });
  const folder = { path, configFile: join(path, 'sluice.yaml'), logFile: join(path, 'sluice.log') };
  writeFileSync(folder.configFile, demoConfig(path));
  return folder;
}

function isWritable(path: string): boolean {
  try {
    mkdirSync(path, { recursive: true });
    accessSync(path, constants.W_OK);
    return !existsSync(join(path, 'store')) || isRemovable(join(path, 'store'));
  } catch {
    return false;
  }
}

function isRemovable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * The config as a file people can read and go on with. Windows are seconds where a shop would have half an hour, because
 * the simulated shoppers click within a few seconds.
 */
function demoConfig(path: string): string {
  return `# Written by \`sluice demo\`. Everything not named here has its default (docs/reference/configuration.md).
application: demo
transport:
  kind: embedded
  path: ${JSON.stringify(join(path, 'store'))}
privacy:
  keyFile: ${JSON.stringify(join(path, 'pseudonym.key'))}
encoder:
  cachePath: ${JSON.stringify(join(path, 'vectors'))}
clean:
  maxFutureMs: 500
join:
  attributionWindowMs: 8000 # simulated shoppers click fast; half an hour is usual
  allowedLatenessMs: 500
  lateRetentionMs: 20000
selection:
  budget: 0.1 # keep a tenth
  auditFraction: 0.1 # and set a tenth aside to judge on: a demo is short
retrain:
  everySamples: 8000
  minPositives: 10
`;
}
