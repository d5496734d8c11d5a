// tsc writes plain files; the `sluice` bin has to be executable when the package is linked.
import { chmodSync } from 'node:fs';
chmodSync(new URL('../dist/main.js', import.meta.url), 0o755);
