import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { runNode } from './child-process.js';
import type { Skipped } from './measure-encoder.js';
import type { Measurement } from './measurement.js';

const PROGRAM = fileURLToPath(new URL('../../../test/bench/peers/run.mjs', import.meta.url));

/** What one system did: medians over turns, the worst turn for what is wrong. */
interface Peer {
  readonly name: string;
  readonly guarantee: string;
  readonly state: string;
  readonly perSecond: number;
  /** From the start of its process to the last row, start and compilation included. */
  readonly seconds: number;
  readonly cpuMicroseconds: number;
  readonly peakMiB: number;
  readonly rows: number;
  readonly bytesARow: number;
  /** Runs that ended early and were tried again. */
  readonly failed: number;
  /** Rows that came twice, that lack, and whose label is another than plain code says. */
  readonly twice: number;
  readonly missing: number;
  readonly wrong: number;
}

/** One that could not be had or run, and why. */
type PeerResult = Peer | (Pick<Peer, 'name' | 'guarantee' | 'state'> & Skipped);

/** What `test/bench/peers/run.mjs` prints at the end. */
interface Peers {
  readonly impressions: number;
  readonly positives: number;
  readonly turns: number;
  /** Load of the machine over its last minute. */
  readonly load: number;
  readonly rows: readonly PeerResult[];
}

/** Runs `test/bench/peers/run.mjs`: the same join in other stream processors beside Sluice, in turns. */
export async function measurePeers(impressionCount: number, signal: AbortSignal): Promise<Measurement | Skipped> {
  if (!existsSync(PROGRAM)) return { skipped: 'test/bench/peers is not part of this installation' };
  const { stdout, stderr, status } = await runNode([PROGRAM, '--impressions', String(impressionCount)], signal);
  const last = stdout.trim().split('\n').at(-1);
  if (status === 0 && last) return peersMeasurement(JSON.parse(last) as Peers);
  return { skipped: `test/bench/peers/run.mjs ended with ${status}: ${stderr.trim().split('\n').at(-1)}` };
}

/** The rate of Sluice, and a line for each system with its ratio to Sluice; one that could not be run says why. */
export function peersMeasurement({ impressions, positives, turns, load, rows }: Peers): Measurement {
  const [sluice] = rows.filter((row): row is Peer => row.name === 'Sluice' && !('skipped' in row));
  return {
    value: sluice?.perSecond ?? Number.NaN,
    unit: 'impressions/s',
    details: { impressions, positives, turns, load },
    profile: null,
    notes: rows.map((row) => `${row.name}: ${'skipped' in row ? `not run, ${row.skipped}` : peerText(row, sluice)}`),
  };
}

function peerText(peer: Peer, sluice: Peer | undefined): string {
  const ratio = (what: 'perSecond' | 'cpuMicroseconds'): string =>
    sluice === undefined || sluice === peer ? '' : ` (${(peer[what] / sluice[what]).toFixed(2)} of Sluice)`;
  const { rows, bytesARow, wrong, missing, twice, failed } = peer;
  return [
    `${whole(peer.perSecond)} impressions/s${ratio('perSecond')}`,
    `${whole(peer.cpuMicroseconds)} µs of CPU each${ratio('cpuMicroseconds')}`,
    `${peer.seconds.toFixed(1)} s from its start to its last row, ${whole(peer.peakMiB)} MiB`,
    `${whole(rows)} rows of ${whole(bytesARow)} bytes, ${wrong} wrong, ${missing} missing, ${twice} twice, ${failed} runs failed`,
    peer.guarantee,
    `state: ${peer.state}`,
  ].join('; ');
}

function whole(value: number): string {
  return Math.round(value).toLocaleString('en');
}
