import { connect, type Socket } from 'node:net';
import type { ISocketFactory } from 'kafkajs';
import { expect } from 'vitest';

/** What a peer's reset looks like; kafkajs does not notice a socket that closes without one, and waits for its timeout. */
const reset = () => Object.assign(new Error('cut by the test'), { code: 'ECONNRESET' });

/** Cuts the connection at the next request of a kind: before it leaves, or when its answer arrives. */
export class Scissors {
  armed: { readonly apiKey: number; readonly at: 'request' | 'answer' } | undefined;
  cutCount = 0;

  readonly factory: ISocketFactory = ({ host, port, onConnect }) => {
    const socket = connect({ host, port }, onConnect);
    const write = socket.write.bind(socket) as (bytes: Buffer, ...rest: unknown[]) => boolean;
    socket.write = ((bytes: Buffer, ...rest: unknown[]) => {
      const { armed } = this;
      if (armed === undefined || bytes.readInt16BE(4) !== armed.apiKey) return write(bytes, ...rest);
      this.armed = undefined;
      this.cutCount++;
      if (armed.at === 'request') socket.destroy(reset());
      else this.swallowAnswer(socket);
      return armed.at === 'request' ? false : write(bytes, ...rest);
    }) as Socket['write'];
    return socket;
  };

  private swallowAnswer(socket: Socket): void {
    const listeners = socket.listeners('data');
    socket.removeAllListeners('data');
    socket.once('data', () => socket.destroy(reset()));
    expect(listeners.length).toBeGreaterThan(0);
  }
}
