/** Apache Kafka on loopback, for tests, chaos and benches. */
export { startBroker, type BrokerCluster, type SecuredAccess } from './cluster.js';
export { jars } from './jars.js';
export type { BrokerNode } from './node.js';
export type { CertificateFiles } from './secured.js';
