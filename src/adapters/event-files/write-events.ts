import { once } from 'node:events';
import { createWriteStream, mkdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { PassThrough } from 'node:stream';
import { createGzip } from 'node:zlib';
import type { InputName } from '../../ports/transport.js';
import { eventFileName } from './names.js';

/** Appends lines to a file that appears, whole, under its name only when closed. */
export interface LineWriter {
  /** Adds a line; its end is added here. Returns a promise when the caller must wait for the disk. */
  write(line: string): Promise<void> | undefined;
  /** Writes what is left and gives the file its name. */
  close(): Promise<void>;
  /** Gives up: nothing stays on disk. */
  abort(): Promise<void>;
}

const BUFFER_CHARACTERS = 512 * 1024;

/** Opens a text file for writing, packed when its name ends in `.gz`; folders are made as needed. */
export function openLineWriter(path: string): LineWriter {
  mkdirSync(dirname(path), { recursive: true });
  const partial = `${path}.partial`;
  const input = new PassThrough({ highWaterMark: 1024 * 1024 });
  const file = createWriteStream(partial);
  const written = path.endsWith('.gz') ? pipeline(input, createGzip(), file) : pipeline(input, file);
  // The failure is rethrown by the next wait; without this it would end the process first.
  written.catch(() => undefined);
  let buffer: string[] = [];
  let buffered = 0;

  const flush = async (): Promise<void> => {
    const chunk = buffer.join('');
    buffer = [];
    buffered = 0;
    if (!input.write(chunk)) await Promise.race([once(input, 'drain'), written]);
  };
  return {
    write(line) {
      buffer.push(line, '\n');
      buffered += line.length + 1;
      return buffered >= BUFFER_CHARACTERS ? flush() : undefined;
    },
    async close() {
      await flush();
      input.end();
      await written;
      renameSync(partial, path);
    },
    async abort() {
      input.destroy();
      await written.catch(() => undefined);
      rmSync(partial, { force: true });
    },
  };
}

/** Opens an input's event file in a folder. Closing it removes the other form (packed or plain) of an earlier run. */
export function openEventWriter(folder: string, input: InputName, isPacked = false): LineWriter {
  const plain = join(folder, eventFileName(input));
  const packed = `${plain}.gz`;
  const writer = openLineWriter(isPacked ? packed : plain);
  return {
    ...writer,
    async close() {
      await writer.close();
      rmSync(isPacked ? plain : packed, { force: true });
    },
  };
}
