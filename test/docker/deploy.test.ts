import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { arch, platform } from 'node:process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { configSchema } from '../../src/config/schema.js';
import { pythonWith } from '../learn/learners/python.js';

const path = (name: string) => fileURLToPath(new URL(`../../${name}`, import.meta.url));
const file = (name: string) => readFileSync(path(name), 'utf8');
const defaults = configSchema.parse({});
const KUBERNETES = ['docker/kubernetes/sluice.yaml', 'docker/kubernetes/service-monitor.yaml'];

interface Container {
  readonly env: readonly { readonly name: string }[];
  readonly ports: readonly { readonly name: string; readonly containerPort: number }[];
  readonly [probe: `${string}Probe`]: { readonly httpGet: { readonly path: string; readonly port: string } };
}
interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly labels: Readonly<Record<string, string>> };
  readonly data: Readonly<Record<string, string>>;
  readonly spec: {
    readonly template: {
      readonly spec: { readonly terminationGracePeriodSeconds: number; readonly containers: readonly Container[] };
    };
  };
}
const manifests = KUBERNETES.flatMap((name) =>
  parseAllDocuments(file(name)).map((document) => document.toJS() as Manifest),
);
const manifest = (kind: string) => manifests.find((one) => one.kind === kind)!;
/** What a service manager waits for after SIGTERM must cover the drain. */
const drains = (seconds: number) => seconds * 1000 > defaults.drain.timeoutMs;

test('the config of the Kubernetes manifests is valid, and the pod has its key, its port and its probes', () => {
  const config = configSchema.parse(parse(manifest('ConfigMap').data['sluice.yaml']!));
  expect(config.transport.kind).toBe('kafka');
  expect(config.http).toMatchObject({ enabled: 'on', host: '0.0.0.0' });
  const { terminationGracePeriodSeconds, containers } = manifest('Deployment').spec.template.spec;
  expect(drains(terminationGracePeriodSeconds)).toBe(true);
  const [sluice] = containers;
  expect(sluice!.env.map(({ name }) => name)).toEqual([config.privacy.keyEnv]);
  expect(sluice!.ports).toEqual([{ name: 'http', containerPort: config.http.port }]);
  for (const [probe, path] of [
    ['startup', '/live'],
    ['liveness', '/live'],
    ['readiness', '/ready'],
  ] as const)
    expect(sluice![`${probe}Probe`]?.httpGet).toEqual({ path, port: 'http' });
});

test('every Kubernetes object has the label that the others select', () => {
  for (const { kind, metadata } of manifests)
    expect(metadata.labels, kind).toEqual({ 'app.kubernetes.io/name': 'sluice' });
});

test('the systemd unit drains, reloads by SIGHUP, and leaves the statuses of an operator to the operator', () => {
  const unit = file('docker/systemd/sluice.service');
  const value = (name: string) => new RegExp(`^${name}=(.*)$`, 'm').exec(unit)?.[1];
  expect(drains(Number(value('TimeoutStopSec')))).toBe(true);
  expect(value('ExecReload')).toBe('/bin/kill -HUP $MAINPID');
  expect(value('RestartPreventExitStatus')).toBe('2 3');
});

test('of the native libraries only those of this platform are kept; where there are none, all stay', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-platform-'));
  const keep = () => spawnSync(process.execPath, [path('scripts/keep-platform.mjs'), folder], { encoding: 'utf8' });
  const at = (...names: string[]) => join(folder, 'onnxruntime-node', 'bin', 'napi-v6', ...names);
  try {
    expect(keep()).toMatchObject({ status: 1, stderr: expect.stringContaining('is not there') as string });
    mkdirSync(at('other', 'cpu'), { recursive: true });
    expect(keep()).toMatchObject({
      status: 1,
      stderr: expect.stringContaining(`for ${platform} on ${arch}`) as string,
    });
    expect(existsSync(at('other', 'cpu'))).toBe(true);
    mkdirSync(at(platform, arch), { recursive: true });
    mkdirSync(at(platform, 'other'));
    expect(keep()).toMatchObject({ status: 0, stderr: '' });
    expect([at(platform, arch), at(platform, 'other'), at('other', 'cpu')].map(existsSync)).toEqual([
      true,
      false,
      false,
    ]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

const python = pythonWith('kubernetes_validate');
test.skipIf(python === undefined)('the Kubernetes objects are what the API server of 1.37 takes, word for word', () => {
  const validated = spawnSync(python!, ['-m', 'kubernetes_validate', '--strict', path(KUBERNETES[0]!)], {
    encoding: 'utf8',
  });
  expect(validated.stdout + validated.stderr).not.toMatch(/ERROR|WARNING/);
  expect(validated.status).toBe(0);
});

const hasSystemd = spawnSync('systemd-analyze', ['--version']).status === 0;
test.skipIf(!hasSystemd)('systemd reads the unit without a word', () => {
  const verified = spawnSync('systemd-analyze', ['verify', path('docker/systemd/sluice.service')], {
    encoding: 'utf8',
  });
  // The program itself lies elsewhere here.
  const words = verified.stderr
    .split('\n')
    .filter((line) => line.includes('sluice.service') && !line.includes('/usr/bin/node'));
  expect(words).toEqual([]);
});
