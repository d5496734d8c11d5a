export * from './read-yaml.js';
