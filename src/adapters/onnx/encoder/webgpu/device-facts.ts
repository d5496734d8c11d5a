import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import type { DeviceFacts } from '../protocol.js';

/** Files of Vulkan drivers (Mesa, NVIDIA, AMD, SwiftShader); the loader itself is none. */
const DRIVER_FILE = /^(libvulkan_\w+|libvk_swiftshader|lib(GLX|EGL)_nvidia|amdvlk\w*|libdzn)\.so/;

/** Where the kernel shows a graphics card: NVIDIA's driver, the direct rendering manager, Windows' subsystem. */
const CARD_NODES = { '/dev': /^(nvidia\d+|dxg)$/, '/dev/dri': /^renderD\d+$/ };

/** What this process computes on, after it has opened a WebGPU session. The provider itself does not tell. */
export function deviceFacts(): DeviceFacts {
  return { driver: loadedDrivers().join(', ') || 'unknown', cards: listedCards().join(', ') || 'none' };
}

/** Whether the kernel shows a graphics card to this process; without one, a Vulkan driver can only be software. */
export function hasCard(): boolean {
  return Object.entries(CARD_NODES).some(([folder, name]) => entriesOf(folder).some((entry) => name.test(entry)));
}

/** Names of the graphics cards that the system lists: NVIDIA's by model, others as `vendor:device` of their bus. */
export function listedCards(): string[] {
  const nvidia = entriesOf('/proc/driver/nvidia/gpus').map(
    (card) => /^Model:\s*(.+)$/m.exec(textOf(`/proc/driver/nvidia/gpus/${card}/information`))?.[1]?.trim() ?? card,
  );
  if (nvidia.length > 0) return nvidia;
  return entriesOf('/sys/class/drm')
    .filter((entry) => entry.startsWith('renderD'))
    .map((entry) => {
      const [vendor, device] = ['vendor', 'device'].map((file) => textOf(`/sys/class/drm/${entry}/device/${file}`));
      return `${vendor!.trim()}:${device!.trim()}`;
    });
}

/** File names of the Vulkan drivers that this process has loaded. */
function loadedDrivers(): string[] {
  const files = textOf('/proc/self/maps')
    .split('\n')
    .map((line) => basename(line.slice(line.indexOf('/') + 1)));
  return [...new Set(files.filter((file) => DRIVER_FILE.test(file)))];
}

function entriesOf(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}

/** A file's text; empty when it cannot be read. */
function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
