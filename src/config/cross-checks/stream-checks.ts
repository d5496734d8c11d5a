import { examinedOn } from '../../events/examination.js';
import { goalOn } from '../../events/goals.js';
import { strength } from '../../events/strength.js';
import { SURFACES } from '../../events/words.js';
import { COUNTERS, INPUTS, OUTPUTS } from '../../ports/transport.js';
import { suggestion } from '../nearest.js';
import { hasSeveralTopics, isOneTopic, topicNames } from '../topics.js';
import type { Config } from '../schema.js';
import type { CrossCheck } from './cross-check.js';

const ROLES = [...INPUTS, ...OUTPUTS, COUNTERS] as const;

/** What Kafka takes as the name of a topic. */
const KAFKA_TOPIC = /^(?!\.{1,2}$)[a-zA-Z0-9._-]{1,249}$/;

/** Checks on time, topics and cleaning. */
export const STREAM_CHECKS: readonly CrossCheck[] = [
  {
    severity: 'warning',
    paths: ['join.deduplicationWindowMs', 'join.attributionWindowMs'],
    finding: ({ join }) => twiceWithin(join, join.attributionWindowMs),
    remedies: [
      'raise join.deduplicationWindowMs to the attribution window plus join.allowedLatenessMs',
      'shorten join.attributionWindowMs',
    ],
  },
  {
    severity: 'warning',
    paths: ['join.deduplicationWindowMs', 'join.surfaceWindowsMs'],
    finding: ({ join }) => twiceWithin(join, Math.max(0, ...Object.values(join.surfaceWindowsMs))),
    remedies: [
      'raise join.deduplicationWindowMs to the longest of them plus join.allowedLatenessMs',
      'shorten join.surfaceWindowsMs',
    ],
  },
  {
    severity: 'warning',
    paths: ['join.lateRetentionMs', 'join.allowedLatenessMs'],
    finding: ({ join }) =>
      join.lateRetentionMs < join.allowedLatenessMs
        ? 'an impression is forgotten sooner after its close than disorder is waited for, so late interactions count as unmatched'
        : null,
    remedies: ['raise join.lateRetentionMs', 'lower join.allowedLatenessMs'],
  },
  {
    severity: 'warning',
    paths: ['label.examined', 'label.goal'],
    finding: ({ label }) =>
      SURFACES.some(
        (surface) => examinedOn(label, surface) === 'viewed' && strength(goalOn(label, surface)) <= strength('VIEW'),
      )
        ? 'what counts as seen has reached the goal by that, so next to all samples are positive'
        : null,
    remedies: ['take a stronger goal', 'set label.examined = all'],
  },
  {
    severity: 'warning',
    paths: ['label.examinedBelow', 'label.examined'],
    finding: ({ label }) =>
      label.examinedBelow > 0 && SURFACES.every((surface) => examinedOn(label, surface) !== 'above-last-click')
        ? 'no surface goes by its last click, so positions below it are not asked for'
        : null,
    remedies: ['set label.examined = above-last-click', 'leave label.examinedBelow out'],
  },
  {
    severity: 'warning',
    paths: ['join.maxReorderBytes', 'batch.maxBytes'],
    finding: ({ join, batch }) =>
      join.maxReorderBytes < 2 * batch.maxBytes
        ? 'fewer than two units of work fit into the reorder buffer, so the topic that is ahead stands still most of the time'
        : null,
    remedies: ['raise join.maxReorderBytes', 'lower batch.maxBytes'],
  },
  {
    severity: 'warning',
    paths: ['batch.maxBytes', 'transport.maxBufferedBytes'],
    finding: ({ batch, transport }) =>
      batch.maxBytes > transport.maxBufferedBytes
        ? 'a unit of work can never fill, since less than it is fetched ahead'
        : null,
    remedies: ['lower batch.maxBytes', 'raise transport.maxBufferedBytes'],
  },
  {
    severity: 'error',
    paths: ['topics.names', 'topics.prefix'],
    finding: ({ topics, wire }) => {
      const unknown = Object.keys(topics.names).filter((role) => !(ROLES as readonly string[]).includes(role));
      if (unknown.length > 0) {
        const hints = unknown.map((role) => `${role} is no topic role.${suggestion(role, ROLES)}`);
        return `${hints.join(' ')} Roles are ${ROLES.join(', ')}`;
      }
      const isShared = isOneTopic(topics) && wire.mapping !== undefined;
      const roles = isShared ? ROLES.filter((role) => role !== 'interactions') : ROLES;
      const names = roles.flatMap((role) => topicNames(topics, role));
      const twice = names.find((name, index) => names.indexOf(name) !== index);
      return twice === undefined ? null : `two roles share the topic ${twice}`;
    },
    remedies: [
      'give every role its own name in topics.names; only impressions and interactions may share one, with wire.mapping to tell them apart',
      'leave topics.names out and set topics.prefix only',
    ],
  },
  {
    severity: 'error',
    paths: ['topics.prefix', 'topics.names', 'transport.kind'],
    finding: ({ topics, tables, transport }) => {
      const given = Object.values(tables).flatMap(({ from }) => ('topic' in from ? [from.topic] : []));
      const names = [...ROLES.flatMap((role) => topicNames(topics, role)), ...given];
      const wrong = names.find((name) => !(transport.kind === 'kafka' ? KAFKA_TOPIC.test(name) : name !== ''));
      return wrong === undefined ? null : `${JSON.stringify(wrong)} is no name of a topic`;
    },
    remedies: ['take 1 to 249 letters, digits, dots, dashes and underscores', 'leave out what gives it'],
  },
  {
    severity: 'error',
    paths: ['features.counters', 'transport.delivery'],
    finding: ({ features, transport }) =>
      features.counters === 'shared' && transport.delivery !== 'exactly-once'
        ? 'what a partition tells the others would be counted again after a failure'
        : null,
    remedies: ['set transport.delivery = exactly-once', 'set features.counters = partition'],
  },
  {
    severity: 'error',
    paths: ['topics.names', 'transport.repartition'],
    finding: ({ topics, transport }) => {
      const output = OUTPUTS.find((role) => topicNames(topics, role).length > 1);
      if (output !== undefined) return `${output} is an output, which has one topic`;
      return hasSeveralTopics(topics) && transport.repartition !== 'session'
        ? 'an input has several topics, and only the repartition step brings them together'
        : null;
    },
    remedies: ['set transport.repartition to session', 'give the role one topic'],
  },
  {
    severity: 'error',
    paths: ['topics.names', 'transport.delivery'],
    finding: ({ topics, transport }) =>
      isOneTopic(topics) && transport.kind === 'kafka' && transport.delivery !== 'exactly-once'
        ? 'one topic as both inputs needs transactions: its positions are kept in two groups, and only a transaction moves both'
        : null,
    remedies: ['set transport.delivery to exactly-once', 'give each input a topic of its own'],
  },
  {
    severity: 'warning',
    paths: ['clean.currencies', 'clean.currency'],
    finding: ({ clean }) => {
      const rateCount = Object.keys(clean.currencies).length;
      if (clean.currency === '' && rateCount > 0) return 'rates are given but prices are not converted';
      if (clean.currency !== '' && rateCount === 0)
        return 'no rates are given, so every price in another currency becomes a dead letter';
      const own = clean.currencies[clean.currency];
      return own === undefined || own === 1 ? null : `one ${clean.currency} is worth ${own} ${clean.currency}`;
    },
    remedies: [
      'give clean.currencies the value of one unit of each currency in clean.currency',
      'leave both out: no conversion',
    ],
  },
  {
    severity: 'warning',
    paths: ['features.shortHalfLifeMs', 'features.longHalfLifeMs'],
    finding: ({ features }) =>
      features.shortHalfLifeMs >= features.longHalfLifeMs
        ? 'the fast counters are not faster than the slow ones'
        : null,
    remedies: ['lower features.shortHalfLifeMs', 'raise features.longHalfLifeMs'],
  },
];

function twiceWithin({ deduplicationWindowMs, allowedLatenessMs }: Config['join'], windowMs: number): string | null {
  return deduplicationWindowMs < windowMs + allowedLatenessMs
    ? 'an impression sent again after the first window, while its own window plus lateness is open, counts twice'
    : null;
}
