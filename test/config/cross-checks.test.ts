import { describe, expect, test } from 'vitest';
import { CROSS_CHECKS } from '../../src/config/cross-checks.js';
import { loadConfig } from '../../src/config/load.js';
import { listOptions } from '../../src/config/options.js';
import { formatProblem } from '../../src/config/problem.js';

/** A table from a topic, as JSON. */
function table(name: string): string {
  return JSON.stringify({ name, from: { topic: 'catalogue' } });
}

/** A config that each check must find, by the paths it names. */
const FOUND: readonly [paths: string, sets: readonly string[], env?: Record<string, string>][] = [
  ['join.deduplicationWindowMs join.attributionWindowMs', ['join.attributionWindowMs=7200000']],
  ['join.deduplicationWindowMs join.surfaceWindowsMs', ['join.surfaceWindowsMs.AD=7200000']],
  ['join.lateRetentionMs join.allowedLatenessMs', ['join.lateRetentionMs=1000']],
  ['label.examined label.goal', ['label.examined=viewed', 'label.goal=VIEW']],
  ['label.examinedBelow label.examined', ['label.examinedBelow=1']],
  ['join.maxReorderBytes batch.maxBytes', ['join.maxReorderBytes=1048576']],
  ['batch.maxBytes transport.maxBufferedBytes', ['batch.maxBytes=99999999']],
  ['topics.names topics.prefix', ['topics.names.impresions=x']],
  ['topics.names topics.prefix', ['topics.names.impressions=sluice.audit']],
  ['encoder.cachePath transport.path', ['encoder.cachePath=./one', 'transport.path=one']],
  ['topics.prefix topics.names transport.kind', ['topics.prefix=a shop.', 'transport.kind=kafka']],
  ['topics.prefix topics.names transport.kind', ['topics.names.training=']],
  ['clean.currencies clean.currency', ['clean.currency=EUR']],
  ['clean.currencies clean.currency', ['clean.currencies.USD=1']],
  ['clean.currencies clean.currency', ['clean.currency=EUR', 'clean.currencies.EUR=2']],
  ['features.counters transport.delivery', ['features.counters=shared', 'transport.delivery=at-least-once']],
  ['features.shortHalfLifeMs features.longHalfLifeMs', ['features.shortHalfLifeMs=86400000']],
  ['selection.defensiveShare selection.budget', ['selection.defensiveShare=0']],
  ['selection.auditFraction selection.budget', ['selection.auditFraction=1']],
  ['selection.auditFraction retrain.promote', ['selection.auditFraction=0']],
  ['retrain.minPositives retrain.reservoirSize', ['retrain.minPositives=100000']],
  ['retrain.forest.rowsPerTree retrain.everySamples', ['retrain.learner=forest', 'retrain.everySamples=1000']],
  ['retrain.forest.rowsPerTree retrain.reservoirSize', ['retrain.learner=forest', 'retrain.reservoirSize=1000']],
  [
    'retrain.everySamples retrain.budget',
    ['retrain.everySamples=4000', 'retrain.budget=0.01', 'selection.budget=0.01'],
  ],
  ['selection.scorer retrain.learner', ['selection.scorer=committee-loss', 'retrain.learner=linear']],
  ['selection.scorer', ['selection.scorer=top']],
  ['selection.budget selection.expectedClickRate', ['selection.budget=0.05', 'selection.expectedClickRate=0.04']],
  ['selection.perSecond selection.budgets', ['selection.perSecond=5', 'selection.budgets=AD=0.2']],
  ['selection.keep', ['selection.keep=[{"label":1,"atLeast":0.5,"atMost":0.2}]']],
  ['selection.keep selection.scorer', ['selection.scorer=top', 'selection.keep=[{"label":1,"atLeast":0.5}]']],
  ['selection.value.outcomes label.goal', ['selection.value.outcomes=PURCHASE=3']],
  ['selection.scorer retrain.learner', ['selection.scorer=disagreement']],
  ['clean.maxFutureMs join.allowedLatenessMs', ['clean.maxFutureMs=600000']],
  [
    'quality.rules.impossibleDwell.minMs quality.rules.impossibleDwell.maxMs',
    ['quality.rules.impossibleDwell.minMs=50', 'quality.rules.impossibleDwell.maxMs=20'],
  ],
  [
    'quality.contradicted.atMost quality.contradicted.action',
    ['quality.contradicted.atMost=0.1', 'quality.contradicted.action=off'],
  ],
  ['quality.contradicted.atMost selection.scorer', ['quality.contradicted.atMost=0.1', 'selection.scorer=top']],
  ['quality.contradicted.atMost selection.defensiveShare', ['quality.contradicted.atMost=0.01']],
  [
    'selection.learnCommitteeShares retrain.learner',
    ['selection.learnCommitteeShares=true', 'retrain.learner=forest', 'retrain.forest.trees=100'],
  ],
  [
    'selection.committeeShares retrain.learner',
    ['selection.scorer=committee-loss', 'retrain.learner=forest', 'selection.committeeShares=0,0'],
  ],
  [
    'selection.committeeShares retrain.learner',
    [
      'selection.scorer=committee-loss',
      'retrain.learner=boosting',
      'retrain.boosting.members=3',
      'selection.committeeShares=1,2',
    ],
  ],
  ['retrain.learner encoder.enabled', ['retrain.learner=head', 'encoder.enabled=false']],
  ['features.text encoder.enabled', ['features.text.item=8', 'encoder.enabled=false']],
  ['privacy.keyEnv transport.kind', ['transport.kind=kafka']],
  [
    'transport.tls transport.sasl',
    ['transport.kind=kafka', 'transport.sasl.mechanism=plain', 'transport.sasl.username=u'],
  ],
  [
    'transport.sasl.passwordEnv transport.sasl.username',
    ['transport.kind=kafka', 'transport.sasl.mechanism=plain', 'transport.sasl.username=u'],
  ],
  ['transport.sasl.mechanism transport.sasl.username', ['transport.sasl.mechanism=plain']],
  [
    'transport.sasl.mechanism transport.sasl.oauth.url',
    ['transport.sasl.mechanism=oauthbearer', 'transport.sasl.oauth.url=https://id.example/token'],
  ],
  ['wire.registryOauth.url wire.registryOauth.command', ['wire.registryOauth.clientId=me']],
  ['transport.certificates transport.tls', ['transport.certificates.caFile=ca.pem']],
  ['http.control http.tokenEnv', ['http.control=true']],
  ['http.events http.eventsTokenEnv', ['http.events=true']],
  ['serving.enabled serving.tokenEnv', ['serving.enabled=true']],
  ['serving.enabled serving.host', ['serving.enabled=true', 'serving.tokenFile=token', 'serving.host=0.0.0.0']],
  ['http.events wire.mapping', ['http.events=true', 'http.eventsTokenFile=token', 'wire.mapping=m.yaml']],
  ['topics.names transport.repartition', ['topics.names.impressions=a,b']],
  [
    'topics.names transport.delivery',
    [
      'topics.names.impressions=all',
      'topics.names.interactions=all',
      'wire.mapping=m.yaml',
      'transport.kind=kafka',
      'transport.delivery=at-least-once',
    ],
  ],
  ['http.control http.host', ['http.control=true', 'http.host=0.0.0.0', 'http.tokenFile=token']],
  [
    'transport.certificates.certFile transport.certificates.keyFile',
    ['transport.tls=true', 'transport.certificates.certFile=me.pem'],
  ],
  ['wire.registryCertificates.certFile wire.registryCertificates.keyFile', ['wire.registryCertificates.keyEnv=MY_KEY']],
  ['transport.stuckAfterMs transport.sessionTimeoutMs', ['transport.kind=kafka', 'transport.stuckAfterMs=1000']],
  ['transport.transactionTimeoutMs transport.kind', ['transport.kind=kafka', 'transport.transactionTimeoutMs=1000000']],
  ['topics.replicationFactor transport.kind', ['transport.kind=kafka', 'topics.replicationFactor=0']],
  ['http.host http.port', ['http.host=0.0.0.0']],
  ['tables features.declared output.carry', ['output.carry=tables.shop.price']],
  [
    'tables features.declared output.carry',
    ['features.declared=[{"name":"cost","from":"tables.shop.price","kind":"number"}]', `tables=[${table('shops')}]`],
  ],
  ['tables topics.names', [`tables=[${table('shop')},${table('shop')}]`]],
  ['tables topics.names', ['tables=[{"name":"shop","from":{"topic":"sluice.impressions"}}]']],
  ['tables topics.names', ['tables=[{"name":"shop","from":{"file":"shop.csv"}}]']],
  ['encoder.tokenizer encoder.model', ['encoder.model=other.onnx']],
  ['encoder.model encoder.enabled', ['encoder.model=builtin-cn']],
  ['encoder.device encoder.model', ['encoder.device=webgpu']],
  ['output.embeddings encoder.enabled', ['output.embeddings=true', 'encoder.enabled=false']],
];

describe('checks between options', () => {
  test.each(FOUND)('%s is found with %j', (paths, sets, env = {}) => {
    const { config, problems } = loadConfig({ env, sets });
    const found = problems.find((problem) => problem.paths.join(' ') === paths);
    expect(found).toBeDefined();
    expect(config === null).toBe(problems.some((problem) => problem.severity === 'error'));
    const text = formatProblem(found!);
    for (const path of paths.split(' ')) expect(text).toContain(path);
    expect(found!.remedies.length).toBeGreaterThanOrEqual(2);
  });

  test('every check is found by at least one config above', () => {
    const found = new Set(FOUND.map(([paths]) => paths));
    expect(CROSS_CHECKS.map((check) => check.paths.join(' ')).filter((paths) => !found.has(paths))).toEqual([]);
  });

  test('checks speak of options and sections that exist', () => {
    const options = listOptions().map((option) => option.path);
    for (const path of CROSS_CHECKS.flatMap((check) => check.paths)) {
      expect(
        options.some((option) => option === path || option.startsWith(`${path}.`)),
        path,
      ).toBe(true);
    }
  });

  test('an input may have several topics behind the repartition step, an output one, and no topic stands twice', () => {
    const errors = (...sets: string[]): string[] =>
      loadConfig({
        env: {},
        sets: ['transport.repartition=session', ...sets],
      }).problems.flatMap(({ severity, expectation }) => (severity === 'error' ? [expectation] : []));
    expect(errors('topics.names.impressions=a, b', 'topics.names.interactions=c,d,e')).toEqual([]);
    expect(errors('transport.repartition=none', 'topics.names.impressions=a,b')).toEqual([
      'an input has several topics, and only the repartition step brings them together',
    ]);
    expect(errors('topics.names.audit=a,b')).toEqual(['audit is an output, which has one topic']);
    expect(errors('topics.names.impressions=a,b', 'topics.names.interactions=b')).toEqual([
      'two roles share the topic b',
    ]);
  });

  test.each([
    ['topics.prefix=商城.', '"商城.impressions"'],
    ['topics.names.training=..', '".."'],
    [`topics.names.training=${'x'.repeat(250)}`, `"${'x'.repeat(250)}"`],
    ['tables=[{"name":"shop","from":{"topic":"a b"}}]', '"a b"'],
  ])('a topic that Kafka would refuse is told before it is asked: %s', (set, named) => {
    const told = (kind: string): readonly string[] =>
      loadConfig({ env: {}, sets: [set, `transport.kind=${kind}`] })
        .problems.map(formatProblem)
        .filter((text) => text.includes(`${named} is no name of a topic`));
    expect(told('kafka')).toHaveLength(1);
    expect(told('embedded')).toEqual([]);
  });

  test('a key in the environment makes Kafka free of warnings', () => {
    const { problems } = loadConfig({
      env: { SLUICE_PSEUDONYM_KEY: '0123456789abcdef' },
      sets: ['transport.kind=kafka'],
    });
    expect(problems).toEqual([]);
  });

  test('the configs of the outside checks have no errors', () => {
    const sets = [
      'selection.budget=1',
      'selection.scorer=uniform',
      'selection.auditFraction=0.2',
      'retrain.learner=boosting',
      'join.attributionWindowMs=86400000',
    ];
    expect(loadConfig({ env: {}, sets }).config).not.toBeNull();
  });
});
