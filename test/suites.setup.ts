import { spawnSync } from 'node:child_process';

/** Says, at the end of `npm test`, what it did not run. */
export default function setup(): () => void {
  return () => {
    const hasJava = spawnSync('java', ['-version'], { stdio: 'ignore' }).status === 0;
    const how = hasJava
      ? 'run it with `npm run test:kafka`'
      : 'java is not on the PATH, so `npm run test:kafka` cannot run here (it needs JDK 17 and Maven)';
    console.log(`\nThe suite against a real Kafka broker was not run: ${how}.`);
    console.log(
      'Nor were the long tests, whole lives of the built program and comparisons with Python: `npm run test:long`.',
    );
  };
}
