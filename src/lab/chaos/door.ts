import { connect, createServer, type Server, type Socket } from 'node:net';
import type { Clock } from '../../ports/clock.js';

const HOST = '127.0.0.1';

/** What a door does with what passes: lets it through, refuses and resets everything, or takes it and says nothing. */
export type Passage = 'open' | 'cut' | 'silent';

/** One request of a client as it passes: the whole frame of Kafka's protocol, its length field included. */
export interface PassingRequest {
  readonly frame: Buffer;
  /** The moment it has been answered, before the answer reaches the client; never, when the connection ends before. */
  readonly answered: Promise<void>;
}

/**
 * A proxy on loopback between a processor and one broker, which can be cut, fall silent and delay, and which shows every
 * request before it goes on. Requests of a connection stay in order.
 */
export class Door {
  /** Told of each request before it is forwarded; false swallows it. */
  onRequest: (request: PassingRequest) => boolean = () => true;
  /** How long each piece waits on its way, in either direction; ms. */
  delayMs = 0;
  private passage: Passage = 'open';
  private opened: Promise<void> = Promise.resolve();
  private open: () => void = () => undefined;
  private readonly sockets = new Set<Socket>();
  private readonly server: Server;

  /** @param target port of the broker's listener for this door */
  constructor(
    private readonly target: number,
    private readonly clock: Clock,
  ) {
    this.server = createServer((client) => this.accept(client));
  }

  /** Listens on the port that the broker tells its clients. */
  listen(port: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen(port, HOST, resolve);
    });
  }

  /** Cutting resets what is connected; falling silent keeps it, and what waited goes on when the door opens. */
  set(passage: Passage): void {
    this.passage = passage;
    this.open();
    if (passage === 'silent') this.opened = new Promise((resolve) => (this.open = resolve));
    if (passage === 'cut') for (const socket of this.sockets) socket.resetAndDestroy();
  }

  async close(): Promise<void> {
    this.set('cut');
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
  }

  private accept(client: Socket): void {
    this.keep(client);
    if (this.passage === 'cut') return void client.resetAndDestroy();
    const broker = connect({ host: HOST, port: this.target });
    this.keep(broker);
    client.once('close', () => broker.destroy());
    broker.once('close', () => client.destroy());
    const waiting: (() => void)[] = [];
    const frames = new Frames();
    this.join(client, broker, (chunk) => {
      const passing: Buffer[] = [];
      for (const frame of frames.take(chunk)) {
        const answered = new Promise<void>((resolve) => waiting.push(resolve));
        if (this.onRequest({ frame, answered })) passing.push(frame);
      }
      return Buffer.concat(passing);
    });
    this.join(broker, client, (chunk) => {
      for (const answered of waiting.splice(0)) answered();
      return chunk;
    });
  }

  /** Passes bytes on one piece at a time. */
  private join(from: Socket, to: Socket, see: (chunk: Buffer) => Buffer): void {
    from.on('data', (chunk: Buffer) => {
      from.pause();
      void this.pass(see(chunk), to).then(() => from.resume());
    });
  }

  private async pass(chunk: Buffer, to: Socket): Promise<void> {
    await this.opened;
    if (this.delayMs > 0) await this.clock.sleep(this.delayMs);
    if (chunk.length === 0 || to.destroyed) return;
    if (!to.write(chunk)) await new Promise<void>((resolve) => void to.once('drain', resolve).once('close', resolve));
  }

  private keep(socket: Socket): void {
    this.sockets.add(socket);
    socket.setNoDelay(true);
    socket.on('error', () => socket.destroy());
    socket.once('close', () => this.sockets.delete(socket));
  }
}

const LENGTH_BYTES = 4;

/** Cuts a stream into frames that begin with their length, int32 big endian. */
export class Frames {
  private held: Buffer = Buffer.alloc(0);

  /** The frames that are complete with this piece. */
  take(chunk: Buffer): Buffer[] {
    this.held = this.held.length === 0 ? chunk : Buffer.concat([this.held, chunk]);
    const frames: Buffer[] = [];
    for (;;) {
      if (this.held.length < LENGTH_BYTES) return frames;
      const bytes = LENGTH_BYTES + this.held.readInt32BE(0);
      if (this.held.length < bytes) return frames;
      frames.push(this.held.subarray(0, bytes));
      this.held = this.held.subarray(bytes);
    }
  }
}
