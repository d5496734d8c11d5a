export interface RunningRegistry {
  /** Address for `wire.registryUrl`. */
  readonly url: string;
  readonly pid: number | undefined;
  stop(): Promise<void>;
}

export function startRegistry(options?: {
  readonly port?: number;
  readonly dir?: string;
  readonly detached?: boolean;
}): Promise<RunningRegistry>;
