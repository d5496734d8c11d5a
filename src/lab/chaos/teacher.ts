import { join } from 'node:path';
import { sendEvents } from '../../adapters/event-files/index.js';
import { SluiceError } from '../../errors.js';
import type { Clock } from '../../ports/clock.js';
import { fetchSnapshot, manifestsOf, publishSnapshot, readCatalogue, type Snapshot } from '../../snapshot/index.js';
import { accountingOfEnd, ChaosApplication } from './application.js';
import { startRun } from './child.js';

/** Fits a model on the events, on an embedded store of its own. @returns undefined when aborted */
export async function teach(
  folder: string,
  events: string,
  clock: Clock,
  say: (text: string) => void,
  signal: AbortSignal,
): Promise<Snapshot | undefined> {
  const application = new ChaosApplication(join(folder, 'teacher.yaml'), teacherConfig(folder), clock, say);
  await application.withTransport((transport) => sendEvents(events, transport));
  const child = startRun(application.file, { untilEnd: true, logLevel: 'info' });
  signal.addEventListener('abort', child.kill, { once: true });
  if (!accountingOfEnd(await child.ended, signal)) return undefined;
  return application.withTransport(async (transport) => {
    const catalogue = await readCatalogue(transport);
    // On few impressions none may be good enough to be champion, and any model will do.
    const version = catalogue.pointer?.version ?? manifestsOf(catalogue).at(-1)?.version;
    if (version === undefined)
      throw new SluiceError('child-failed', { status: 0, why: 'no model was fitted: more impressions are needed' });
    return fetchSnapshot(transport, version);
  });
}

/** Makes a model the champion of an application: the same bytes get the same version everywhere. */
export async function crown(application: ChaosApplication, { manifest, onnx }: Snapshot, clock: Clock): Promise<void> {
  const { featureSetId, columns, memberCount } = manifest;
  await application.withTransport((transport) =>
    publishSnapshot({ transport, clock }, { onnx, featureSetId, columns, memberCount, promote: true }),
  );
}

function teacherConfig(folder: string): string {
  return `application: teacher
transport: { kind: embedded, path: ${JSON.stringify(join(folder, 'teacher'))} }
privacy: { keyFile: ${JSON.stringify(join(folder, 'pseudonym.key'))} }
encoder: { enabled: false }
join: { attributionWindowMs: 120000, allowedLatenessMs: 30000 }
selection: { scorer: uniform, budget: 1 }
retrain: { everySamples: 8000, minPositives: 5 }
log: { level: warn }
`;
}
