import { createServer, type AddressInfo } from 'node:net';

/** Where every test broker listens. */
export const HOST = '127.0.0.1';

/** A port nobody listens on now. */
export function freePort(): Promise<number> {
  return new Promise((done, failed) => {
    const server = createServer();
    server.once('error', failed);
    server.listen(0, HOST, () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => done(port));
    });
  });
}

/** Throws when somebody listens on a port: its answers would pass for those of our broker. */
export function refuseTakenPort(port: number): Promise<void> {
  return new Promise((done, failed) => {
    const server = createServer();
    server.once('error', ({ code }: NodeJS.ErrnoException) =>
      failed(new Error(`port ${port} cannot be had (${code}): choose another one by --port, or 0 for a free one`)),
    );
    server.listen(port, HOST, () => server.close(() => done()));
  });
}
