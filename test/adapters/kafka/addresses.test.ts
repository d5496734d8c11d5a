import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { addressOf, splittable, withIpv6 } from '../../../src/adapters/kafka/addresses.js';
import { openSocket } from '../../../src/adapters/kafka/sockets.js';

test('an IPv6 address in brackets survives a split at the first colon', () => {
  for (const address of ['::1', '2001:db8::7', 'fe80::1%eth0']) {
    const [host, port, ...rest] = splittable(`[${address}]:9092`).split(':');
    expect(rest).toEqual([]);
    expect(port).toBe('9092');
    expect(addressOf(host!)).toBe(address);
  }
});

test('names and IPv4 addresses stay as they are', () => {
  for (const broker of ['kafka:9092', '127.0.0.1:1', 'ipv6.example.com:9092', 'broker'])
    expect(splittable(broker)).toBe(broker);
  expect(addressOf('kafka')).toBe('kafka');
});

test('a socket reaches the address behind the name', async () => {
  const server = createServer((socket) => socket.end());
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('no address');
  const host = splittable(`[::ffff:127.0.0.1]:${address.port}`).split(':')[0]!;
  await new Promise<void>((done) => {
    const socket = withIpv6(openSocket(undefined))({
      host,
      port: address.port,
      ssl: undefined as never,
      onConnect: done,
    });
    socket.on('close', () => undefined);
    socket.resume();
  }).finally(() => server.close());
});

test('a name none of whose addresses answers says why for each', async () => {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as { port: number };
  const error = await new Promise<Error>((resolve) => {
    const socket = openSocket(undefined)({ host: '127.0.0.1', port, ssl: undefined as never, onConnect: () => {} });
    socket.on('error', resolve);
    // As Node gives it up: with one error for each address, and no words of its own.
    socket.destroy(new AggregateError([new Error('::1 refused'), new Error('127.0.0.1 refused')]));
  });
  expect(error.message).toBe('::1 refused; 127.0.0.1 refused');
  await new Promise((done) => server.close(done));
});
