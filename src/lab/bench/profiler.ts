import { Session, type HeapProfiler, type Profiler, type Runtime } from 'node:inspector';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A part of the program and its share of a profile. */
export interface ProfileShare {
  /**
   * `pipeline/features`, a folder of ours, or a library, with a function behind it or not. Native code counts for the
   * script that called it.
   */
  readonly where: string;
  /** 0 to 1. */
  readonly share: number;
}

/** Shares by place, largest first: by folder or library, and by function. */
export interface ProfileSummary {
  readonly folders: readonly ProfileShare[];
  readonly functions: readonly ProfileShare[];
}

const SHOWN = 8;
/** No work of ours: waiting, and the profiler's own messages. */
const NOT_WORK = new Set(['(idle)', '(root)', '(program)', 'dispatch']);
const GARBAGE_COLLECTOR = '(garbage collector)';

/** Profiles this process from `start` to `stop`; nothing before or after is in it. */
export class ProcessProfiler {
  private readonly session = new Session();

  /** @param what `cpu`: time by function. `memory`: bytes still alive by the function that allocated them (JS heap only). */
  constructor(private readonly what: 'cpu' | 'memory') {
    this.session.connect();
  }

  async start(): Promise<void> {
    if (this.what === 'memory') {
      await this.post('HeapProfiler.startSampling', { samplingInterval: 65_536 });
      return;
    }
    await this.post('Profiler.enable');
    await this.post('Profiler.setSamplingInterval', { interval: 500 });
    await this.post('Profiler.start');
  }

  async stop(): Promise<ProfileSummary> {
    try {
      if (this.what === 'memory') {
        const { profile } = await this.post<HeapProfiler.StopSamplingReturnType>('HeapProfiler.stopSampling');
        return summariseHeap(profile);
      }
      const { profile } = await this.post<Profiler.StopReturnType>('Profiler.stop');
      return summariseCpu(profile);
    } finally {
      this.session.disconnect();
    }
  }

  private post<T>(method: string, parameters: object = {}): Promise<T> {
    return new Promise((resolve, reject) => {
      this.session.post(method, parameters, (error, result) => (error ? reject(error) : resolve(result as T)));
    });
  }
}

/** Self time by place, idle time left out. */
export function summariseCpu({ nodes, samples = [], timeDeltas = [] }: Profiler.Profile): ProfileSummary {
  const frames = new Map<number, Runtime.CallFrame>();
  const callerOf = new Map(nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id] as const)));
  const names = new Map(nodes.map((node) => [node.id, node.callFrame]));
  for (const { id, callFrame } of nodes) {
    let at: number | undefined = id;
    while (at !== undefined && names.get(at)!.url === '') at = callerOf.get(at);
    const isOwn =
      at === undefined || NOT_WORK.has(callFrame.functionName) || callFrame.functionName === GARBAGE_COLLECTOR;
    frames.set(id, isOwn ? callFrame : names.get(at!)!);
  }
  const weights = new Weights();
  samples.forEach((id, index) => {
    const { url, functionName } = frames.get(id)!;
    if (!NOT_WORK.has(functionName)) weights.add(url, functionName, timeDeltas[index] ?? 0);
  });
  return weights.summary();
}

/** Bytes alive by place. */
export function summariseHeap({ head }: HeapProfiler.SamplingHeapProfile): ProfileSummary {
  const weights = new Weights();
  const visit = (node: HeapProfiler.SamplingHeapProfileNode, caller: Runtime.CallFrame): void => {
    const frame = node.callFrame.url === '' ? caller : node.callFrame;
    weights.add(frame.url, frame.functionName, node.selfSize);
    for (const child of node.children) visit(child, frame);
  };
  visit(head, head.callFrame);
  return weights.summary();
}

class Weights {
  private readonly byFolder = new Map<string, number>();
  private readonly byFunction = new Map<string, number>();
  private total = 0;

  add(url: string, functionName: string, weight: number): void {
    if (weight === 0) return;
    const folder = folderOf(url, functionName);
    const name = url === '' ? folder : `${folder} ${functionName || '(anonymous)'}`;
    this.byFolder.set(folder, (this.byFolder.get(folder) ?? 0) + weight);
    this.byFunction.set(name, (this.byFunction.get(name) ?? 0) + weight);
    this.total += weight;
  }

  summary(): ProfileSummary {
    const top = (weights: ReadonlyMap<string, number>): ProfileShare[] =>
      [...weights]
        .sort(([, a], [, b]) => b - a)
        .slice(0, SHOWN)
        .map(([where, weight]) => ({ where, share: weight / this.total }));
    return { folders: top(this.byFolder), functions: top(this.byFunction) };
  }
}

const OURS = fileURLToPath(new URL('../..', import.meta.url));

/** Folder below the program's own, the library, or where else a frame runs. */
function folderOf(url: string, functionName: string): string {
  if (url === '') return functionName === GARBAGE_COLLECTOR ? 'garbage collector' : 'node';
  if (url.startsWith('node:')) return 'node';
  if (url.startsWith('wasm:')) return 'WebAssembly';
  const path = url.startsWith('file:') ? fileURLToPath(url) : url;
  const library = /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1];
  if (library !== undefined) return library;
  return relative(OURS, path).split('/').slice(0, -1).join('/') || 'main';
}
