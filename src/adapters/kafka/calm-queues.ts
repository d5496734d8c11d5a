import { createRequire } from 'node:module';

/** The part of kafkajs's request queue that is mended. */
interface RequestQueue {
  readonly pending: readonly unknown[];
  scheduleCheckPendingRequests(): void;
}

const CALM = Symbol.for('sluice.calm-queue');

/**
 * Lets connections rest that have nothing to send. kafkajs 2.2.4 looks through the waiting requests of each connection a
 * thousand times a second for ever, once one has been throttled or has waited, also when none waits (a delay below zero): 20
 * connections take some hundredths of a core. A look is needed only while a request waits, and then it goes on as it was.
 */
export function calmQueues(): void {
  const { prototype } = createRequire(import.meta.url)('kafkajs/src/network/requestQueue') as {
    readonly prototype: RequestQueue & { [CALM]?: boolean };
  };
  if (prototype[CALM] === true) return;
  const look = prototype.scheduleCheckPendingRequests;
  prototype.scheduleCheckPendingRequests = function (this: RequestQueue): void {
    if (this.pending.length > 0) look.call(this);
  };
  prototype[CALM] = true;
}
